"""What other systems send: measurements and traces of applications, in OpenTelemetry's form."""
