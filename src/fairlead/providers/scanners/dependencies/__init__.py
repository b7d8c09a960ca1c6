"""Which published advisories concern the packages that a checkout brings in?"""

from fairlead.providers.scanners.dependencies.audits import scan

__all__ = ["scan"]
