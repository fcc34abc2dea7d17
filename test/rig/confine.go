// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// hierarchies are the control group folders of the kernel, with the files of the memory limit: versions 2 and 1.
var hierarchies = []struct{ root, limit string }{
	{"/sys/fs/cgroup", "memory.max"},
	{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
}

// Confine puts the program into its own control group with a memory limit, like a container: the kernel kills it beyond the limit. It needs
// permission to create groups. free removes the group once the program has ended.
func (p *Process) Confine(limit int64) (free func(), err error) {
	for _, h := range hierarchies {
		dir := filepath.Join(h.root, fmt.Sprintf("journeyman-test-%d", p.cmd.Process.Pid))
		if err = os.Mkdir(dir, 0o750); err != nil {
			continue
		}
		remove := func() { _ = os.Remove(dir) }
		err = errors.Join(
			os.WriteFile(filepath.Join(dir, h.limit), []byte(strconv.FormatInt(limit, 10)), 0o600),
			os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(p.cmd.Process.Pid)), 0o600),
		)
		if err == nil {
			return remove, nil
		}
		remove()
	}
	return nil, err
}

// Alive reports whether the program is still running. If not, the error contains its latest output.
func (p *Process) Alive() error {
	select {
	case <-p.ended:
		text := p.log.String()
		return fmt.Errorf("%s ended: %w: %s", p.cmd.Path, p.err, text[max(0, len(text)-4096):])
	default:
		return nil
	}
}
