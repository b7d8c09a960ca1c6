"""Which passwords, keys and tokens lie in a working copy or in its newest commits?"""

from fairlead.providers.scanners.secrets.scanning import scan as scan
