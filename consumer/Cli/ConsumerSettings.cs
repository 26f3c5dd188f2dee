using Broker.Contracts;
using Broker.Hosting.Settings;

namespace Broker.Consumer.Cli;

/// <summary>What the command line says of this consumer; checked by <see cref="Validate"/>.</summary>
internal sealed record ConsumerSettings
{
    private const int MostConcurrency = 1000;
    private const int MostProcesses = 256;

    /// <summary>The kinds to serve, each with its own concurrency or none; empty serves every kind there is a handler of.</summary>
    public IReadOnlyList<(string Kind, int? Concurrency)> Kinds { get; init; } = [];

    /// <summary>How many jobs of each kind one process runs at once. Default: the machine's processors.</summary>
    public int Concurrency { get; init; } = Environment.ProcessorCount;

    /// <summary>How many child processes to supervise; null consumes in this process.</summary>
    public int? Processes { get; init; }

    public IReadOnlyList<string> Handlers { get; init; } = [];

    /// <summary>What this consumer is called in logs, outcomes and RabbitMQ's lists.</summary>
    public string Name { get; init; } = "consumer";

    /// <summary>How long running jobs may go on after a stop was asked for, before they are cancelled and given back. Default: 25 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>The port of /health/live and /health/ready; null for none.</summary>
    public int? HealthPort { get; init; }

    /// <summary>Whether this process is a supervisor's child and takes its orders from standard input.</summary>
    public bool Supervised { get; init; }

    /// <exception cref="InvalidConfigurationException">A value breaks its rule.</exception>
    public ConsumerSettings Validate()
    {
        Check(Concurrency is >= 1 and <= MostConcurrency, $"--concurrency is 1 to {MostConcurrency}, not {Concurrency}");
        Check(Processes is null or (>= 1 and <= MostProcesses), $"--processes is 1 to {MostProcesses}, not {Processes}");
        Check(HealthPort is null or (>= 1 and <= 65535), $"--health-port is 1 to 65535, not {HealthPort}");
        foreach (var (kind, concurrency) in Kinds)
            Check(concurrency is null or (>= 1 and <= MostConcurrency), $"--kinds {kind}={concurrency}: a kind's concurrency is 1 to {MostConcurrency}");
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

    /// <summary>The command line of one child process.</summary>
    public IEnumerable<string> ChildArguments(string name)
    {
        yield return "--supervised";
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
    }

    private static void Check(bool holds, string rule)
    {
        if (!holds)
            throw new InvalidConfigurationException(rule);
    }
}
