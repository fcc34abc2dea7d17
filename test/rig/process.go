// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is a running program.
type Process struct {
	cmd   *exec.Cmd
	log   bytes.Buffer
	ended chan struct{}
	err   error
}

// Start starts a program that is not one of the rig's own, such as a server to compare with.
func Start(program string, args ...string) (*Process, error) { return start(program, args...) }

// StartUnprivileged is Start for a program that refuses to run as root; it runs as nobody then.
func StartUnprivileged(program string, args ...string) (*Process, error) {
	return startAs(Unprivileged(), program, args...)
}

// nobody is the id of the user and the group without permissions.
const nobody = 65534

// Unprivileged returns the user for programs that refuse to run as root; nil for the present one, if that is not root.
func Unprivileged() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}
}

func start(program string, args ...string) (*Process, error) { return startAs(nil, program, args...) }

func startAs(user *syscall.Credential, program string, args ...string) (*Process, error) {
	// No context ends the program: it has to be asked to end, so that its ending is seen.
	//nolint:gosec // the programs of this repository, named by tests
	cmd := exec.CommandContext(context.Background(), program, args...)
	p := &Process{cmd: cmd, ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	// The program goes when this one goes, however that happens.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: user}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// Stop asks the program to end and waits until it has. Kill ends it at once.
func (p *Process) Stop() error { return p.signal(syscall.SIGTERM) }

// Kill ends the program at once.
func (p *Process) Kill() error { return p.signal(syscall.SIGKILL) }

func (p *Process) signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.ended
	var exit *exec.ExitError
	if s == syscall.SIGKILL && errors.As(p.err, &exit) {
		return nil
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w: %s", p.cmd.Path, p.err, p.log.String())
	}
	return nil
}

// ticks is the number of ticks per second in the kernel's accounting. It is the same on every Linux that Go supports.
const ticks = 100

// CPU returns the CPU time of the program, in user mode and in the kernel.
func (p *Process) CPU() (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name of the program, in brackets, can contain anything. The fields are counted after it.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	const utime, stime = 11, 12
	var sum int64
	for _, i := range []int{utime, stime} {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks, nil
}

// PeakMemory returns the largest resident size of the program so far, in bytes.
func (p *Process) PeakMemory() (int64, error) { return PeakMemory(p.cmd.Process.Pid) }

// PeakMemory returns the largest resident size of a process since it started its program, in bytes.
func PeakMemory(pid int) (int64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.Join(errors.New("the kernel tells no VmHWM"), lines.Err())
}

// runWatched runs a command and returns its largest resident size. The kernel's number at the end cannot be used, because it includes what this
// process used when it started the other one.
func runWatched(cmd *exec.Cmd) (peak int64, err error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			return peak, err
		case <-ticker.C:
			if n, err := PeakMemory(cmd.Process.Pid); err == nil {
				peak = max(peak, n)
			}
		}
	}
}

// waitReady polls a probe until it answers 200.
func (p *Process) waitReady(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	for {
		response, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended: %w: %s", p.cmd.Path, p.err, p.log.String())
		case <-ctx.Done():
			return fmt.Errorf("%s did not get ready: %s", p.cmd.Path, p.log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// freeAddress returns a free loopback address.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
