"""Which tools read the files of a release and say what they find?"""
