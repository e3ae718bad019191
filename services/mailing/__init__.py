"""The one queue of all mail, and its delivery by SMTP.

No mail is sent twice: before its last byte goes out, the database says so. If the
process then dies before it has read the server's answer, the mail is `uncertain`: that
is told, and it is not sent again. Start reading at `mailer.py`.
"""
