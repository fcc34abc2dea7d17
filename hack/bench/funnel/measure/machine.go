// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Head prints the hardware and software of the run.
func (b *Bench) Head() {
	b.speed = CopySpeed(b.Threads)
	load, _ := os.ReadFile("/proc/loadavg") // empty if the kernel does not report it
	b.Say("%s, %s, %d CPUs, %d threads for each engine, %d MiB of memory free, load %s, %s; copying memory: %.1f GB/s", time.Now().UTC().Format(time.DateOnly),
		cpuModel(), runtime.NumCPU(), b.Threads, FreeMemory()>>20, strings.Join(strings.Fields(string(load))[:min(3, len(strings.Fields(string(load))))], " "),
		runtime.Version(), b.speed/1e9)
}

// CopySpeed measures the bytes per second that several threads copy together. It is the upper limit for a program that reads each byte once.
func CopySpeed(threads int) float64 {
	const size, rounds = 128 << 20, 8
	var wait sync.WaitGroup
	buffers := make([][2][]byte, threads)
	for i := range buffers {
		buffers[i] = [2][]byte{make([]byte, size), make([]byte, size)}
		copy(buffers[i][0], buffers[i][1])
	}
	began := time.Now()
	for i := range threads {
		wait.Go(func() {
			for range rounds {
				copy(buffers[i][0], buffers[i][1])
			}
		})
	}
	wait.Wait()
	return float64(threads) * size * rounds / time.Since(began).Seconds()
}

// cpuModel returns the kernel's name of the processor.
func cpuModel() string {
	if model := kernelValue("/proc/cpuinfo", "model name"); model != "" {
		return model
	}
	return runtime.GOARCH
}

// FreeMemory returns the bytes that are available to new programs, or 0 if the kernel does not report them.
func FreeMemory() int64 {
	var kib int64
	_, _ = fmt.Sscan(kernelValue("/proc/meminfo", "MemAvailable"), &kib) // 0 if nothing was read
	return kib << 10
}

// freeDisk returns the bytes that this user can still write in a folder.
func freeDisk(dir string) (int64, error) {
	var s unix.Statfs_t
	err := unix.Statfs(dir, &s)
	return int64(s.Bavail) * s.Bsize, err
}

// held returns the bytes on disk of the files in a folder. Hard links count once.
func held(dir string) (bytes int64, err error) {
	seen := map[uint64]bool{}
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok && !seen[s.Ino] {
			seen[s.Ino] = true
			bytes += s.Blocks * 512
		}
		return nil
	})
	return bytes, err
}

// kernelValue returns the first value of a name in a file of "name: value" lines.
func kernelValue(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
