// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command onebuild runs the mutants of gremlins without compiling each one. It compiles the code once, with all mutants, and the environment variable
// MUTANT enables one of them. Usage: onebuild [-least 90] FOLDER [FILE...], in the root of the repository. It prints the mutants that no test in the
// folder notices. It fails if less than the given percentage of the mutants that tests reach is noticed.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	least := flag.Float64("least", 90, "fail when less than so many percent are noticed")
	patience := flag.Float64("patience", 5, "how many times their usual time of the processor tests may take with a mutant")
	flag.Parse()
	work, err := os.MkdirTemp("", "onebuild-")
	if err == nil {
		err = run(work, *least, *patience, flag.Arg(0), flag.Args()[1:])
		_ = os.RemoveAll(work)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "onebuild:", err)
		os.Exit(1)
	}
}

func run(work string, least, patience float64, folder string, files []string) error {
	packages, exports, err := list(folder)
	if err != nil {
		return err
	}
	s := &subject{packages: packages, exports: exports, files: files, work: work, skip: map[string]bool{}}
	programs, err := s.build()
	if err != nil {
		return err
	}
	for _, p := range programs {
		if err := p.reach(filepath.Join(work, "evaluated")); err != nil {
			return err
		}
	}
	counts := map[verdict]int{}
	for _, m := range s.mutants {
		v, err := s.try(m, programs, patience)
		if err != nil {
			return err
		}
		counts[v]++
		if v == lives || v == tooLong {
			fmt.Printf("%s: %s\n", v, m)
		}
	}
	// A failure because of the machine must not count as noticed.
	for _, p := range programs {
		if r := p.run(nil, 0); r.err != nil {
			return fmt.Errorf("the tests of %s fail without a mutant in the end: %w: %s", p.dir, r.err, r.out)
		}
	}
	for _, place := range slices.Sorted(maps.Keys(s.skip)) {
		fmt.Println("not mutated, because it does not compile:", relative(place))
	}
	noticed := counts[fails] + counts[tooLong]
	reached := noticed + counts[lives]
	share := 100 * float64(noticed) / float64(reached)
	fmt.Printf("%s: %d mutants, %d reached, %d noticed (%d by the time limit): %.1f %%\n",
		folder, len(s.mutants), reached, noticed, counts[tooLong], share)
	if share < least {
		return fmt.Errorf("less than %g %% noticed", least)
	}
	return nil
}

// verdict is the result of a mutant.
type verdict string

const (
	notReached verdict = "not reached"
	lives      verdict = "lives"
	fails      verdict = "fails"
	tooLong    verdict = "runs too long"
)

// try runs the tests that reach a mutant until one notices it.
func (s *subject) try(m mutant, programs []*program, patience float64) (v verdict, err error) {
	v = notReached
	for _, p := range programs {
		if !s.reaches(p, m.id) {
			continue
		}
		if v, err = p.runMutant(m.id, patience); v != lives {
			return v, err
		}
	}
	return v, nil
}

// reaches reports whether the tests evaluate a mutant, or skip it as the right operand of && or ||.
func (s *subject) reaches(p *program, id int) bool {
	for ; id > 0; id = s.mutants[id-1].within {
		if p.evaluates[id] {
			return true
		}
	}
	return false
}
