package main

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert/yaml"
	"github.com/stretchr/testify/require"
)

// deployment is as much of the manifest as the program depends on.
type deployment struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Spec       struct {
		Selector struct {
			MatchLabels map[string]string `yaml:"matchLabels"`
		} `yaml:"selector"`
		Template struct {
			Metadata struct {
				Labels map[string]string `yaml:"labels"`
			} `yaml:"metadata"`
			Spec struct {
				TerminationGracePeriodSeconds int         `yaml:"terminationGracePeriodSeconds"`
				Containers                    []container `yaml:"containers"`
			} `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

type container struct {
	Env []struct {
		Name      string `yaml:"name"`
		Value     string `yaml:"value"`
		ValueFrom struct {
			FieldRef struct {
				FieldPath string `yaml:"fieldPath"`
			} `yaml:"fieldRef"`
		} `yaml:"valueFrom"`
	} `yaml:"env"`
	Ports []struct {
		Name          string `yaml:"name"`
		ContainerPort int    `yaml:"containerPort"`
	} `yaml:"ports"`
	LivenessProbe  map[string]any `yaml:"livenessProbe"`
	ReadinessProbe struct {
		HTTPGet struct {
			Path string `yaml:"path"`
			Port string `yaml:"port"`
		} `yaml:"httpGet"`
	} `yaml:"readinessProbe"`
}

func manifest(t *testing.T) deployment {
	t.Helper()
	text, err := os.ReadFile("deployment.yaml")
	require.NoError(t, err)
	var d deployment
	require.NoError(t, yaml.Unmarshal(text, &d))
	require.Equal(t, "Deployment", d.Kind)
	require.Equal(t, "apps/v1", d.APIVersion)
	require.Len(t, d.Spec.Template.Spec.Containers, 1)
	require.Equal(t, d.Spec.Selector.MatchLabels, d.Spec.Template.Metadata.Labels)
	return d
}

// handOn is how long the end of Run may take beyond the grace: a TTL without
// progress, by default 10 s, and a moment for handlers.
const handOn = 15 * time.Second

func TestThePodLivesLongerThanTheHandlersGrace(t *testing.T) {
	termination := time.Duration(manifest(t).Spec.Template.Spec.TerminationGracePeriodSeconds) * time.Second
	require.Greater(t, termination, grace+handOn)
}

func TestTheManifestGivesTheProgramWhatItReads(t *testing.T) {
	pod := manifest(t).Spec.Template.Spec.Containers[0]
	values, fields := make(map[string]string), make(map[string]string)
	for _, variable := range pod.Env {
		values[variable.Name] = variable.Value
		fields[variable.Name] = variable.ValueFrom.FieldRef.FieldPath
	}
	require.Equal(t, "metadata.name", fields["POD_NAME"])
	require.NotEmpty(t, values["REDIS_ADDR"])
	require.Equal(t, strconv.Itoa(pod.Ports[0].ContainerPort), values["PROBE_PORT"])
}

func TestTheKubeletAsksWhereTheProgramAnswers(t *testing.T) {
	pod := manifest(t).Spec.Template.Spec.Containers[0]
	require.Equal(t, readyPath, pod.ReadinessProbe.HTTPGet.Path)
	require.Equal(t, pod.Ports[0].Name, pod.ReadinessProbe.HTTPGet.Port)
	require.Nil(t, pod.LivenessProbe, "to restart Pods because Redis is gone helps nobody")
}
