// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// program is the compiled tests of a package.
type program struct {
	path, dir string
	evaluates map[int]bool
	// usual is the CPU time of a run without a mutant.
	usual, usualQuick time.Duration
	// flags of all runs. quick are those of the first run, which notices most mutants without slow tests and with fewer drawn cases.
	flags, quick []string
}

var testDuration = regexp.MustCompile(`(?m)^--- PASS: (\w+) \(([0-9.]+)s\)$`)

// reach runs the tests without a mutant, and records which mutants they evaluate.
func (p *program) reach(record string) error {
	if p.run(nil, 0, "-test.list=^$", "-rapid.nofailfile").err == nil {
		p.flags, p.quick = []string{"-rapid.nofailfile", "-rapid.shrinktime=1ms", "-rapid.seed=1"}, []string{"-rapid.checks=50"}
	}
	full := p.run(nil, 0)
	if full.err != nil {
		return fmt.Errorf("the tests of %s fail without a mutant: %s", p.dir, full.out)
	}
	each := p.run(nil, 0, append([]string{"-test.v"}, p.quick...)...)
	if each.err != nil {
		return each.err
	}
	var slow []string
	for _, test := range testDuration.FindAllSubmatch(each.out, -1) {
		if seconds, err := strconv.ParseFloat(string(test[2]), 64); err == nil && seconds > full.took.Seconds()/20 {
			slow = append(slow, string(test[1]))
		}
	}
	if len(slow) > 0 {
		p.quick = append(p.quick, "-test.skip=^("+strings.Join(slow, "|")+")$")
	}
	p.usual, p.usualQuick = full.cpu, p.run([]string{"MUTANTS_EVALUATED=" + record}, 0, p.quick...).cpu
	if err := p.run([]string{"MUTANTS_EVALUATED=" + record}, 0).err; err != nil {
		return err
	}
	text, err := os.ReadFile(record)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	p.evaluates = map[int]bool{}
	for _, line := range bytes.Fields(text) {
		id, err := strconv.Atoi(string(line))
		if err != nil {
			return err
		}
		p.evaluates[id] = true
	}
	return os.RemoveAll(record)
}

// runMutant runs the tests with a mutant.
func (p *program) runMutant(id int, patience float64) (verdict, error) {
	env := []string{"MUTANT=" + strconv.Itoa(id)}
	limit := func(usual time.Duration) time.Duration { return time.Second + time.Duration(patience*float64(usual)) }
	r := p.run(env, limit(p.usualQuick), append([]string{"-test.failfast"}, p.quick...)...)
	if r.err == nil && p.quick != nil {
		r = p.run(env, limit(p.usual), "-test.failfast")
	}
	var exit *exec.ExitError
	switch {
	case r.err == nil:
		return lives, nil
	case !errors.As(r.err, &exit) || exit.ExitCode() > 125: // the exit codes of shells for commands that cannot be run
		return "", fmt.Errorf("the tests of %s do not run: %w: %s", p.dir, r.err, r.out)
	case r.err.Error() == "signal: killed":
		return tooLong, nil
	}
	return fails, nil
}

// result is the result of a run.
type result struct {
	out       []byte
	err       error
	took, cpu time.Duration
}

// run runs the tests. limit is in CPU time, so that the load of the machine has no influence.
func (p *program) run(env []string, limit time.Duration, flags ...string) (r result) {
	args := append([]string{"-c", `[ "$1" = 0 ] || ulimit -t "$1"; shift; exec "$@"`, "sh", strconv.Itoa(int(math.Ceil(limit.Seconds()))), p.path}, p.flags...)
	cmd := exec.Command("sh", append(args, flags...)...) //nolint:gosec,noctx // what was just built
	cmd.Dir, cmd.Env = p.dir, append(os.Environ(), env...)
	began := time.Now()
	r.out, r.err = cmd.CombinedOutput()
	r.took = time.Since(began)
	if s := cmd.ProcessState; s != nil {
		r.cpu = s.UserTime() + s.SystemTime()
	}
	return r
}
