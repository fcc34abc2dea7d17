// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	batchac "k8s.io/client-go/applyconfigurations/batch/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

const (
	// exitMisconfigured is the exit code of a job whose configuration is invalid: retrying is pointless.
	exitMisconfigured = 3
	// retries is the number of retries of a run whose pod failed, about ten seconds apart and doubling.
	retries = 3
	// startingDeadlineSeconds is how late a run can start if the cluster was busy or down. Of several missed runs only the latest starts.
	startingDeadlineSeconds = 3600
	// activeDeadlineSeconds limits a run including its retries, because a run that hangs would block all later ones.
	activeDeadlineSeconds = 3600
	// analysisGraceSeconds is the time for a terminating job to finish its requests.
	analysisGraceSeconds = 30
)

// cronJob starts runs by the schedule. It always uses the operator's image: no pod runs between two runs, so nothing restarts, and the status is
// written by a job of the operator's version.
func (r analysisRun) cronJob() Child {
	p := r.parent
	suspend := r.analysis != nil && r.analysis.Suspend != nil && *r.analysis.Suspend
	ac := batchac.CronJob(r.name, p.namespace).WithSpec(batchac.CronJobSpec().
		WithSchedule(r.schedule.Line).
		WithTimeZone(r.schedule.TimeZone).
		WithConcurrencyPolicy(batchv1.ForbidConcurrent).
		WithSuspend(suspend).
		WithStartingDeadlineSeconds(startingDeadlineSeconds).
		WithSuccessfulJobsHistoryLimit(1).
		WithFailedJobsHistoryLimit(3).
		WithJobTemplate(batchac.JobTemplateSpec().WithLabels(p.labels()).WithSpec(r.jobSpec())))
	ac.ObjectMetaApplyConfiguration = p.meta(r.name)
	return Child{Object: ac, GVK: cronJobKind, Namespace: p.namespace, Name: r.name}
}

// firstRun is the Job for an immediate run.
func (r analysisRun) firstRun(scheduled time.Time) Child {
	p, name := r.parent, r.name+"-"+r.runHash()
	at := coreac.EnvVar().WithName("SCHEDULED_TIME").WithValue(scheduled.UTC().Format(time.RFC3339))
	ac := batchac.Job(name, p.namespace).WithSpec(r.jobSpec(at))
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	return Child{Object: ac, GVK: jobKind, Namespace: p.namespace, Name: name, CreateOnly: true}
}

// runHash identifies what a first run is for.
func (r analysisRun) runHash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%d|%s|%s|%s", r.parent.uid, r.document.Generation, r.runAt, r.document.MapHash, r.document.SourcesHash))
	return hex.EncodeToString(sum[:4])
}

func (r analysisRun) jobSpec(env ...*coreac.EnvVarApplyConfiguration) *batchac.JobSpecApplyConfiguration {
	return batchac.JobSpec().
		WithBackoffLimit(retries).
		WithActiveDeadlineSeconds(activeDeadlineSeconds).
		WithPodFailurePolicy(batchac.PodFailurePolicy().WithRules(
			batchac.PodFailurePolicyRule().
				WithAction(batchv1.PodFailurePolicyActionFailJob).
				WithOnExitCodes(batchac.PodFailurePolicyOnExitCodesRequirement().
					WithContainerName(ComponentAnalysis).
					WithOperator(batchv1.PodFailurePolicyOnExitCodesOpIn).
					WithValues(exitMisconfigured)),
			// A pod that was removed by a node drain or a preemption does not count as a failed attempt.
			batchac.PodFailurePolicyRule().
				WithAction(batchv1.PodFailurePolicyActionIgnore).
				WithOnPodConditions(batchac.PodFailurePolicyOnPodConditionsPattern().
					WithType(corev1.DisruptionTarget).
					WithStatus(corev1.ConditionTrue)))).
		WithTemplate(r.template(env))
}

func (r analysisRun) template(env []*coreac.EnvVarApplyConfiguration) *coreac.PodTemplateSpecApplyConfiguration {
	jobName := coreac.EnvVar().WithName("JOB_NAME").WithValueFrom(coreac.EnvVarSource().
		WithFieldRef(coreac.ObjectFieldSelector().WithFieldPath("metadata.labels['" + batchv1.JobNameLabel + "']")))
	args := []string{"--config", podconfig.Dir + "/" + podconfig.File, "--generation", strconv.FormatInt(r.document.Generation, 10)}
	args = append(args, "--sources-hash", r.document.SourcesHash)
	if r.document.MapHash != "" {
		args = append(args, "--map-hash", r.document.MapHash)
	}
	container := restrictedContainer(ComponentAnalysis, r.Image).
		WithArgs(args...).
		WithEnv(append(env, jobName)...)
	spec := restrictedPod(r.Pods).
		// These are the only pods with a token. They can write the status of their own object, and nothing else.
		WithAutomountServiceAccountToken(true).
		WithServiceAccountName(r.name).
		WithRestartPolicy(corev1.RestartPolicyNever).
		WithTerminationGracePeriodSeconds(analysisGraceSeconds)
	withVolumes(spec, container, configVolume(r.name), keysVolume(r.ScanSecret, podconfig.StoreKeyDir))
	return r.parent.podTemplate(r.pod, analysisSizes, spec, container)
}
