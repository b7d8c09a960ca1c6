"""What is a running function asked, and what do its answers mean?"""
