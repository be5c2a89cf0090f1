package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// sink is a mail server that says yes, counts and forgets. Its answers cost next to nothing, so that what is measured is
// the sender.
type sink struct {
	listener net.Listener
	taken    atomic.Int64
}

func openSink() (*sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the mail sink: %w", err)
	}
	s := &sink{listener: listener}
	go s.serve()
	return s, nil
}

func (s *sink) close() { _ = s.listener.Close() }

// url is what SLEUTELBOS_SMTP_URL says of it.
func (s *sink) url() string { return "smtp://" + s.listener.Addr().String() + "?tls=none" }

func (s *sink) serve() {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return
		}
		go s.talk(connection)
	}
}

var (
	smtpHello = []byte("250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
	smtpReady = []byte("354 go on\r\n")
	smtpYes   = []byte("250 ok\r\n")
	smtpBye   = []byte("221 bye\r\n")
)

// talk answers commands as they come, and flushes where the client waits.
func (s *sink) talk(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	in, out := bufio.NewReaderSize(connection, 64<<10), bufio.NewWriter(connection)
	_, _ = out.WriteString("220 sink\r\n")
	for {
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
		line, err := in.ReadSlice('\n')
		if err != nil || len(line) < 4 {
			return
		}
		switch string(bytes.ToUpper(line[:4])) {
		case "EHLO", "HELO":
			_, _ = out.Write(smtpHello)
		case "DATA":
			_, _ = out.Write(smtpReady)
			if out.Flush() != nil || !swallow(in) {
				return
			}
			s.taken.Add(1)
			_, _ = out.Write(smtpYes)
		case "QUIT":
			_, _ = out.Write(smtpBye)
			_ = out.Flush()
			return
		default:
			_, _ = out.Write(smtpYes)
		}
	}
}

// swallow reads a letter up to the dot by itself; false where the connection broke.
func swallow(in *bufio.Reader) bool {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return false
		}
		if len(line) == 3 && line[0] == '.' {
			return true
		}
	}
}

// await waits until so many letters were taken since the sink was opened.
func (s *sink) await(ctx context.Context, count int64) error {
	for deadline := time.Now().Add(5 * time.Minute); s.taken.Load() < count; time.Sleep(time.Millisecond) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d mails came in five minutes", s.taken.Load(), count)
		}
	}
	return nil
}
