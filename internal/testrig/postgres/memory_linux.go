package postgres

import "syscall"

// quickFolder returns the machine's memory file system where it has a gigabyte
// to spare, else the default for temporary files. A database is some 300 small
// files: copying them takes 16 ms in memory, and 350 on a slow disk.
func quickFolder() string {
	const memory, gigabyte = "/dev/shm", 1 << 30
	var free syscall.Statfs_t
	if err := syscall.Statfs(memory, &free); err != nil || free.Bavail*uint64(free.Bsize) < gigabyte {
		return ""
	}
	return memory
}
