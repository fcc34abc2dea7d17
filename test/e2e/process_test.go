// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	corev1 "k8s.io/api/core/v1"
)

// killProcess ends the main process of a pod with SIGKILL from outside, without hooks and signal handlers. The node of the one-node cluster is this
// machine, so the process is found by its cgroup.
func killProcess(pod *corev1.Pod, binary string) error {
	cgroups, err := filepath.Glob("/proc/[0-9]*/cgroup")
	if err != nil {
		return err
	}
	uid := string(pod.UID)
	for _, file := range cgroups {
		text, err := os.ReadFile(file)
		// cgroup drivers write the UID with hyphens or underscores
		if err != nil || !strings.Contains(strings.ReplaceAll(string(text), "_", "-"), uid) {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(file, "/")[2])
		if err != nil {
			return err
		}
		cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if strings.HasPrefix(string(cmdline), "/"+binary) {
			return syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return fmt.Errorf("no process /%s of pod %s found", binary, pod.Name)
}
