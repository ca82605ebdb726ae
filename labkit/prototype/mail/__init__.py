"""What the e-mail channel is made of: a real SMTP receiver, the reading of messages, and a box for those that leave.

`reading`, `cutting`, `html_text` and `answers` are pure; `reception` makes cases of messages; `receiver` listens.
"""
