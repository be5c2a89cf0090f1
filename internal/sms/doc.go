// Package sms writes texts and hands them to Twilio's Messages API, and knows what Twilio tells of them from what somebody
// else makes up. It keeps no state and decides nothing: what is worth another try it says, whether there is one the outbox
// decides.
//
//	text.go     message → the words of a text, in one segment of GSM 03.38
//	sender.go   text → Twilio, or a Refusal
//	client.go   the connection under twilio-go: context, base URL, time-out, bounded answers
//	refusal.go  what went wrong, whose fault it is, and whether Twilio may have taken the text all the same
//	report.go   Twilio's status callbacks, known by their signature
package sms
