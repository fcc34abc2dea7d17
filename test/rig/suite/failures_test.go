// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
)

// The text at the end of make test names spec, place and message, and leaves out what passed.
func TestFailuresOf(t *testing.T) {
	spec := func(state types.SpecState, text string, failure types.Failure) types.SpecReport {
		failure.Location = types.CodeLocation{FileName: "warnings_test.go", LineNumber: 66}
		return types.SpecReport{
			ContainerHierarchyTexts: []string{"The first minutes"}, LeafNodeText: text, LeafNodeType: types.NodeTypeIt, State: state,
			RunTime: 198 * time.Second, Failure: failure,
		}
	}
	got := failuresOf(ginkgo.Report{
		SuiteDescription: "Journeyman on a cluster", SpecialSuiteFailureReasons: []string{"Suite Timeout Elapsed"},
		SpecReports: types.SpecReports{
			spec(types.SpecStatePassed, "passes", types.Failure{}),
			spec(types.SpecStateFailed, "show no Warning", types.Failure{Message: "Expected\n  <[]string>: Pod a Unhealthy\nto be empty"}),
			spec(types.SpecStatePanicked, "panics", types.Failure{Message: "Test Panicked", ForwardedPanic: "nil map"}),
			spec(types.SpecStateTimedout, "hangs", types.Failure{
				Message: "A spec timeout occurred", AdditionalFailure: &types.AdditionalFailure{Failure: types.Failure{Message: "Timed out after 240 s"}},
			}),
			spec(types.SpecStateFailed, "writes a lot", types.Failure{Message: strings.Repeat("x", longestMessage+1)}),
		},
	})
	const place = "after 198 s, at warnings_test.go:66\n"
	want := "Journeyman on a cluster: The first minutes show no Warning [It]\n  failed " + place +
		"    Expected\n      <[]string>: Pod a Unhealthy\n    to be empty\n" +
		"Journeyman on a cluster: The first minutes panics [It]\n  panicked " + place + "    Test Panicked\n    nil map\n" +
		"Journeyman on a cluster: The first minutes hangs [It]\n  timedout " + place + "    A spec timeout occurred\n    Timed out after 240 s\n" +
		"Journeyman on a cluster: The first minutes writes a lot [It]\n  failed " + place + "    " + strings.Repeat("x", longestMessage) + " …\n" +
		"Journeyman on a cluster: Suite Timeout Elapsed\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
