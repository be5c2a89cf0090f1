-- The host of the webhook endpoint that a mail is about; '' where it is about none.
ALTER TABLE messages ADD COLUMN webhook_host text NOT NULL DEFAULT '';
