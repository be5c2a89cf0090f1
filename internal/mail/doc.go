// Package mail is how a message is told by mail: an identity.Message and its portal become a Letter (Render), and a Sender
// brings letters to the SMTP server, many over one connection.
//
// Each mail is one small file per language, templates/nl/invitation.txt: a subject, the line that inboxes show as a
// preview, the button's label, and paragraphs around a line that says {{button}}. What all mails share in a language
// (greeting, closing, why one gets this) is in frame.txt beside it; how they look is in layout.html and layout.txt. Both
// parts of a letter come from the same paragraphs, so they never differ. To change a mail, edit its file, run
// go test ./internal/mail -update, and look at what changed under testdata/golden.
//
// A letter depends on the arguments of Render alone, no clock and no chance, so that a retry is the same mail to the last byte.
package mail
