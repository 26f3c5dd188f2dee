using Broker.Benchmarks.Ours;
using Broker.Benchmarks.Processes;
using Broker.Benchmarks.Raw;
using Broker.Benchmarks.Report;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;
using Broker.Pool;

namespace Broker.Benchmarks;

/// <summary>
/// Runs both sides alternately against one broker, each with its own long-running worker process, so that a ratio compares two
/// measurements made within seconds of each other.
/// </summary>
internal sealed class Comparison(BenchmarkSettings settings, RawClient raw, PoolClient ours, WorkerProcess rawWorker, WorkerProcess consumer, ColdStart cold)
{
    public static async Task<Findings> RunAsync(BenchmarkSettings settings, string url, Programs programs, CancellationToken cancellationToken)
    {
        var kind = DoubleNumber.Kind;
        await using var pool = await JobPool.ConnectAsync(url, new BrokerOptions { Name = "benchmarks" }, cancellationToken);
        // Jobs that an interrupted run left behind do not matter: the warm-up works them off.
        if ((await pool.Fleet.LookAtAsync(kind, cancellationToken)).Jobs is { Consumers: > 0 and var others })
            throw new InvalidConfigurationException($"kind '{kind}' has {others} consumers on this broker already, and they would take part: stop them, or use another virtual host");
        await using var raw = await RawClient.ConnectAsync(url, settings.Window, cancellationToken);
        await using var rawWorker = Programs.StartRawWorker(url, settings.Concurrency);
        await using var consumer = programs.StartConsumer(url, kind, settings.Concurrency);
        var cold = new ColdStart(programs, url);
        var comparison = new Comparison(settings, raw, new PoolClient(pool), rawWorker, consumer, cold);
        var findings = new Findings { Machine = Machine.Here(raw.ServerVersion) };
        await comparison.RoundsAsync(findings, cancellationToken);
        findings.PeakMemory.AddRange(
        [
            ("this process, both clients", PeakMemory.OfThisProcess()),
            ("raw worker", rawWorker.PeakMemory),
            ("consumer", consumer.PeakMemory),
            ($"producer map of {settings.Items} items", await cold.PeakMemoryOfMapAsync(settings.Items, cancellationToken)),
        ]);
        return findings;
    }

    private async Task RoundsAsync(Findings findings, CancellationToken cancellationToken)
    {
        for (var round = 0; round <= settings.Rounds; round++)
        {
            // The first round warms up: it waits for the workers, fills the caches and lets the JIT finish.
            var into = round == 0 ? new Findings { Machine = findings.Machine } : findings;
            Console.Error.WriteLine(round == 0 ? "warming up" : $"round {round} of {settings.Rounds}");
            var steps = new List<Func<Task>>
            {
                () => RawRoundTripsAsync(into),
                () => OurRoundTripsAsync(into, cancellationToken),
                () => ItemsAsync(into, cancellationToken),
                () => CallsAsync(into, cancellationToken),
                () => cold.MeasureAsync(settings.ColdStarts, into, cancellationToken),
            };
            if (round % 2 == 0)
                steps.Reverse();
            foreach (var step in steps)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await step();
            }
        }
    }

    private async Task RawRoundTripsAsync(Findings into)
    {
        var cost = CpuCost.Begin(rawWorker);
        into.RawRoundTrips.Add(settings.Jobs / (await raw.RunAsync(settings.Jobs, settings.Window)).TotalSeconds);
        cost.End(settings.Jobs, into.RawClientCpu, into.RawWorkerCpu);
    }

    private async Task OurRoundTripsAsync(Findings into, CancellationToken cancellationToken)
    {
        var cost = CpuCost.Begin(consumer);
        into.OurRoundTrips.Add(settings.Jobs / (await ours.RunAsync(settings.Jobs, new BatchOptions { Chunk = 1, InFlight = settings.Window }, cancellationToken)).TotalSeconds);
        cost.End(settings.Jobs, into.OurClientCpu, into.OurWorkerCpu);
    }

    private async Task ItemsAsync(Findings into, CancellationToken cancellationToken) =>
        into.Items.Add(settings.Items / (await ours.RunAsync(settings.Items, new BatchOptions(), cancellationToken)).TotalSeconds);

    private async Task CallsAsync(Findings into, CancellationToken cancellationToken)
    {
        var (rawCalls, ourCalls) = (new Samples(), new Samples());
        for (var done = 0; done < settings.Calls; done += settings.CallBlock)
        {
            await raw.CallAsync(settings.CallBlock, rawCalls);
            await ours.CallAsync(settings.CallBlock, ourCalls, cancellationToken);
        }

        into.RawCallMedian.Add(rawCalls.Percentile(50));
        into.RawCallTail.Add(rawCalls.Percentile(99));
        into.OurCallMedian.Add(ourCalls.Percentile(50));
        into.OurCallTail.Add(ourCalls.Percentile(99));
    }
}
