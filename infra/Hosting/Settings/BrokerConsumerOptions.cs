using Broker.Contracts;

namespace Broker.Hosting.Settings;

/// <summary>What this process runs, how much of it at once, and how it stops.</summary>
public sealed class BrokerConsumerOptions
{
    internal const int MaxConcurrency = 1000;

    /// <summary>
    /// How many jobs of each kind run here at once. It is the queue's prefetch limit, so the broker enforces it: processes times concurrency bounds
    /// what runs at once in the whole fleet. 1 to 1000; default: the machine's processors.
    /// </summary>
    public int Concurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>The kinds to serve, each with its own concurrency or null for <see cref="Concurrency"/>; empty serves every kind that has a handler.</summary>
    public IDictionary<string, int?> Kinds { get; } = new Dictionary<string, int?>(StringComparer.Ordinal);

    /// <summary>What this consumer is called in outcomes, in <c>producer status</c> and in RabbitMQ's lists. Default: <c>consumer</c>.</summary>
    public string Name { get; set; } = "consumer";

    /// <summary>How long running jobs may go on after a stop was asked for, before they are cancelled and requeued. Default: 25 s.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <exception cref="InvalidConfigurationException">A value breaks its rule.</exception>
    internal void Validate()
    {
        Check(Concurrency, nameof(Concurrency));
        foreach (var (kind, concurrency) in Kinds)
            Check(concurrency ?? 1, $"the concurrency of kind '{kind}'");
        if (ShutdownTimeout < TimeSpan.Zero)
            throw new InvalidConfigurationException($"{nameof(ShutdownTimeout)} is 0 or more, not {ShutdownTimeout}");
    }

    private static void Check(int concurrency, string name)
    {
        if (concurrency is < 1 or > MaxConcurrency)
            throw new InvalidConfigurationException($"{name} is 1 to {MaxConcurrency}, not {concurrency}");
    }
}
