package config

import (
	"fmt"
	"net"
	"strconv"
	"time"
)

// Address is where a server listens: "host:port", as net.Listen takes it. An empty host is every interface, port 0 any
// free port.
type Address string

// UnmarshalText refuses what net.Listen would.
func (a *Address) UnmarshalText(text []byte) error {
	_, port, err := net.SplitHostPort(string(text))
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("is %q; allowed: host:port, such as 127.0.0.1:8080, with a port from 0 to 65535", text)
	}
	*a = Address(text)
	return nil
}

// Drain is how long a server that stops goes on first: at most five minutes, and 0s for not at all.
type Drain time.Duration

// UnmarshalText reads a duration as Go writes it.
func (d *Drain) UnmarshalText(text []byte) error {
	long, err := time.ParseDuration(string(text))
	if err != nil || long < 0 || long > 5*time.Minute {
		return fmt.Errorf("is %q; allowed: a duration from 0s to 5m, such as 5s", text)
	}
	*d = Drain(long)
	return nil
}

// String writes the duration as Go does.
func (d Drain) String() string { return time.Duration(d).String() }
