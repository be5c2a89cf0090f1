package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
)

// locale orders by code point and knows capitals beyond ASCII; macOS calls the
// nearest to it by another name.
var locale = map[bool]string{true: "en_US.UTF-8", false: "C.UTF-8"}[runtime.GOOS == "darwin"]

// folders are where Debian and Homebrew put the server outside the PATH.
var folders = []string{
	"/usr/lib/postgresql/*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
}

// binaries returns the folder with initdb and postgres: the PATH's, else the
// newest version among the usual places.
func binaries() (string, error) {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(initdb); err == nil && hasServer(filepath.Dir(real)) {
			return filepath.Dir(real), nil
		}
	}
	for _, pattern := range folders {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", fmt.Errorf("look for PostgreSQL: %w", err)
		}
		for _, folder := range slices.Backward(found) {
			if hasServer(folder) {
				return folder, nil
			}
		}
	}
	return "", errors.New("no initdb and postgres in the PATH or the usual places")
}

func hasServer(folder string) bool {
	_, noInitdb := os.Stat(filepath.Join(folder, "initdb"))
	_, noServer := os.Stat(filepath.Join(folder, "postgres"))
	return noInitdb == nil && noServer == nil
}

// servant is who runs the server when this process is root, which PostgreSQL
// refuses to run as; nil for everybody else.
func servant() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(found.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(found.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL doesn't run as root, and there is no user postgres or nobody to run it as")
}

// handOver makes folder the servant's.
func handOver(folder string, servant *syscall.Credential) error {
	if servant == nil {
		return nil
	}
	if err := os.Chown(folder, int(servant.Uid), int(servant.Gid)); err != nil {
		return fmt.Errorf("hand the cluster's folder over: %w", err)
	}
	return nil
}

// apart runs a process as the servant, in a session of its own: a Ctrl-C in
// the terminal is the tests' business, and the watchdog's only through them.
func apart(servant *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: servant, Setsid: true}
}
