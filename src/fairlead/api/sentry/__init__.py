"""What do Sentry's SDKs send, and how is it taken?"""
