// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"fmt"
	"os"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"
)

// failures is the variable with the name of a file. Each suite appends what failed, and hack/test.sh prints the file at the end of its output: a CI
// may show no more than the last lines of it.
const failures = "JOURNEYMAN_FAILURES"

// longestMessage is the number of bytes of a message that are repeated. The whole message is where the spec failed.
const longestMessage = 6000

// repeatFailures writes the failures of a run into the file of the variable.
func repeatFailures() {
	ginkgo.ReportAfterSuite("repeats what failed", func(report ginkgo.Report) {
		file := os.Getenv(failures)
		if file == "" {
			return
		}
		out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		_, err = out.WriteString(failuresOf(report))
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(out.Close()).To(gomega.Succeed())
	})
}

// failuresOf returns the failed specs and setups of a run, each with its name, place, duration and message.
func failuresOf(report ginkgo.Report) string {
	out := &strings.Builder{}
	for _, spec := range report.SpecReports.WithState(types.SpecStateFailureStates) {
		name := strings.TrimSpace(spec.FullText() + " [" + spec.LeafNodeType.String() + "]")
		fmt.Fprintf(out, "%s: %s\n  %s after %.0f s, at %s\n", report.SuiteDescription, name, spec.State, spec.RunTime.Seconds(), spec.FailureLocation())
		message := spec.FailureMessage()
		if spec.Failure.ForwardedPanic != "" {
			message += "\n" + spec.Failure.ForwardedPanic
		}
		if more := spec.Failure.AdditionalFailure; more != nil {
			message += "\n" + more.Failure.Message
		}
		if len(message) > longestMessage {
			message = strings.ToValidUTF8(message[:longestMessage], "") + " …"
		}
		for line := range strings.Lines(strings.TrimSpace(message)) {
			out.WriteString("    " + strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	for _, reason := range report.SpecialSuiteFailureReasons {
		fmt.Fprintf(out, "%s: %s\n", report.SuiteDescription, reason)
	}
	return out.String()
}
