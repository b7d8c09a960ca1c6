"""Which published advisories concern the packages that a checkout brings in?"""
