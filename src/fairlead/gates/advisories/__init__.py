"""What do the tools that compare packages with published advisories say?"""
