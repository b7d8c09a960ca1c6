"""Which known mistakes are in the source of a checkout?"""

from fairlead.providers.scanners.code.semgrep import scan

__all__ = ["scan"]
