using System.Net;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Hosting.Lifetime;
using Broker.Hosting.Settings;

namespace Broker.Consumer.Cli;

/// <summary>The consumer's settings from the command line; checked by <see cref="Validate"/>.</summary>
internal sealed record ConsumerSettings
{
    private const int MaxProcesses = 256;

    /// <summary>The kinds to consume, each with an optional concurrency; empty means every kind that has a handler.</summary>
    public IReadOnlyList<(string Kind, int? Concurrency)> Kinds { get; init; } = [];

    /// <summary>Maximum concurrent jobs per kind and process. Default: the machine's processors.</summary>
    public int Concurrency { get; init; } = Environment.ProcessorCount;

    /// <summary>The number of child processes to supervise; null consumes in this process.</summary>
    public int? Processes { get; init; }

    public IReadOnlyList<string> Handlers { get; init; } = [];

    /// <summary>The consumer's name in logs, outcomes and RabbitMQ's connection list.</summary>
    public string Name { get; init; } = "consumer";

    /// <summary>How long running jobs may continue after a stop request before they are cancelled and requeued. Default: 25 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Where /health/live and /health/ready are served; null for none.</summary>
    public IPEndPoint? HealthPort { get; init; }

    /// <summary>After so many jobs a process takes no more and ends; a job is a delivery, so a chunk counts as one. Null for no limit.</summary>
    public int? MaxJobsPerProcess { get; init; }

    /// <summary>When its working set has so many bytes a process takes no more jobs and ends. Null for no limit.</summary>
    public long? MaxMemoryPerProcess { get; init; }

    /// <summary>Whether to end when there is nothing to do.</summary>
    public bool ExitWhenIdle { get; init; }

    /// <summary>Whether this process is a supervisor's child, which reads its commands from standard input.</summary>
    public bool IsSupervised { get; init; }

    /// <summary>The id of its supervisor; null without one, or where that does not tell.</summary>
    public int? Supervisor { get; init; }

    /// <exception cref="InvalidConfigurationException">A value breaks its rule.</exception>
    public ConsumerSettings Validate()
    {
        Check(Concurrency is >= 1 and <= BrokerConsumerOptions.MaxConcurrency, $"--concurrency is 1 to {BrokerConsumerOptions.MaxConcurrency}, not {Concurrency}");
        Check(Processes is null or (>= 1 and <= MaxProcesses), $"--processes is 1 to {MaxProcesses}, not {Processes}");
        foreach (var (kind, concurrency) in Kinds)
            Check(concurrency is null or (>= 1 and <= BrokerConsumerOptions.MaxConcurrency), $"--kinds {kind}={concurrency}: a kind's concurrency is 1 to {BrokerConsumerOptions.MaxConcurrency}");
        Check(
            MaxMemoryPerProcess is null or >= ProcessTerms.LeastMemory,
            $"--max-memory-per-process is at least {SizeText.Of(ProcessTerms.LeastMemory)}, not {SizeText.Of(MaxMemoryPerProcess ?? 0)}: a process without jobs needs that much");
        Check(Kinds.DistinctBy(entry => entry.Kind).Count() == Kinds.Count, "--kinds names a kind twice");
        return this;
    }

    public BrokerConsumerOptions ToOptions()
    {
        var options = new BrokerConsumerOptions { Concurrency = Concurrency, Name = Name, ShutdownTimeout = ShutdownTimeout };
        foreach (var (kind, concurrency) in Kinds)
            options.Kinds.Add(kind, concurrency);
        return options;
    }

    public ProcessTerms ToTerms() => new() { MaxJobs = MaxJobsPerProcess, MaxMemory = MaxMemoryPerProcess, ExitWhenIdle = ExitWhenIdle, SupervisorId = Supervisor };

    /// <summary>The command line of one child process.</summary>
    public IEnumerable<string> ChildArguments(string name)
    {
        yield return "--supervised";
        yield return $"{Environment.ProcessId}";
        foreach (var (kind, concurrency) in Kinds)
        {
            yield return "--kinds";
            yield return concurrency is null ? kind : $"{kind}={concurrency}";
        }

        foreach (var handler in Handlers)
        {
            yield return "--handlers";
            yield return Path.GetFullPath(handler);
        }

        yield return "--concurrency";
        yield return $"{Concurrency}";
        yield return "--name";
        yield return name;
        yield return "--shutdown-timeout";
        yield return $"{ShutdownTimeout.TotalMilliseconds:0}ms";
        if (MaxJobsPerProcess is { } jobs)
        {
            yield return "--max-jobs-per-process";
            yield return $"{jobs}";
        }

        if (MaxMemoryPerProcess is { } memory)
        {
            yield return "--max-memory-per-process";
            yield return $"{memory}B";
        }

        if (ExitWhenIdle)
            yield return "--exit-when-idle";
    }

    private static void Check(bool holds, string rule)
    {
        if (!holds)
            throw new InvalidConfigurationException(rule);
    }
}
