package config

import (
	"fmt"
	"net"
	"strconv"
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
