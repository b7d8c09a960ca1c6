"""What do the router and the metric source both know of Envoy? Its names and its admin socket."""
