"""Which personal data does an app hold, and is it held as the GDPR asks?"""
