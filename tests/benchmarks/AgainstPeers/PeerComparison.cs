using System.Diagnostics;
using Broker.Benchmarks.Ours;
using Broker.Benchmarks.Processes;
using Broker.Benchmarks.Raw;
using Broker.Benchmarks.Report;
using Broker.Contracts.BuiltIn;
using Broker.Pool;

namespace Broker.Benchmarks.AgainstPeers;

/// <summary>
/// Ours and each peer by turns, in pairs that are measured within seconds of each other; what is compared with one peer is done before the next
/// begins, so that only the two workers that are compared are there.
/// </summary>
internal sealed class PeerComparison(PeerSettings settings, string url, Programs programs, PeerPrograms peers)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly List<string> _missing = [];
    private readonly List<string> _loads = [];
    private string _server = "unknown";

    public List<PeerRatio> Ratios { get; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _loads.Add(Load());
        await using var pool = await JobPool.ConnectAsync(url, new BrokerOptions { Name = "benchmarks" }, cancellationToken);
        var ours = new PoolClient(pool);
        if (peers.HasCelery)
            await CeleryAsync(pool, ours, cancellationToken);
        else
            _missing.Add("Celery");
        if (peers.HasBullMq)
            await BullMqAsync(pool, cancellationToken);
        else
            _missing.Add("BullMQ with redis-server");
        await MultiprocessingAsync(pool, ours, cancellationToken);
        foreach (var (concurrency, bound) in new[] { (64, 0.8), (256, 0.7) })
            await RawAsync(pool, ours, concurrency, bound, cancellationToken);
        await ProcessesAsync(pool, ours, cancellationToken);
    }

    public void Write(TextWriter output)
    {
        output.WriteLine($"machine  {Machine.Here(_server)}");
        output.WriteLine($"load     1-minute averages before each comparison: {string.Join(", ", _loads)}");
        output.WriteLine($"rounds   {settings.Rounds} after one warm-up, by turns; medians; ratios pair by pair");
        output.WriteLine();
        output.WriteLine($"{"",-52} {"ours",10} {"theirs",10}   ratio (min..max)     target");
        foreach (var ratio in Ratios)
            output.WriteLine(ratio);
        foreach (var peer in _missing)
            output.WriteLine($"not installed, and not compared: {peer}");
    }

    private async Task CeleryAsync(JobPool pool, PoolClient ours, CancellationToken cancellationToken)
    {
        await using var theirWorker = peers.StartCelery(processes: 2);
        await using var caller = peers.CeleryCaller();
        await using var ourWorker = programs.StartConsumer(url, DoubleNumber.Kind, concurrency: 2);
        await caller.AskAsync("call", 1, cancellationToken);
        await ConsumersAsync(pool, 1, cancellationToken);
        await RoundsAsync(new PeerRatio("cold call / Celery one-liner, ms", 1, AtLeast: false), settings.Colds, async () => (
            await ColdStart.TimeAsync(programs.Producer(url, "call", DoubleNumber.Kind, "21"), "42", cancellationToken),
            await ColdStart.TimeAsync(peers.CeleryOneLiner(), "42", cancellationToken)));
        await RoundsAsync(new PeerRatio("warm call / Celery, p50 ms", 1, AtLeast: false), 1, async () =>
        {
            var calls = new Samples();
            await ours.CallAsync(settings.Calls, calls, cancellationToken);
            return (calls.Median, await caller.AskAsync("call", settings.Calls, cancellationToken));
        });
        await RoundsAsync(new PeerRatio("-c 2, one item per message / Celery -c 2, jobs/s", 2, AtLeast: true), 1, async () => (
            settings.CeleryJobs / (await ours.RunAsync(settings.CeleryJobs, OneByOne(512), cancellationToken)).TotalSeconds,
            settings.CeleryJobs / await caller.AskAsync("jobs", settings.CeleryJobs, cancellationToken)));
    }

    private async Task BullMqAsync(JobPool pool, CancellationToken cancellationToken)
    {
        await using var redis = peers.StartRedis();
        await using var caller = peers.BullMq();
        await using var queue = new PublishedJobs(url);
        await RoundsAsync(new PeerRatio("publish / BullMQ addBulk, jobs/s", 1, AtLeast: true), 1, async () =>
        {
            var started = Stopwatch.GetTimestamp();
            await pool.PublishAsync(Enumerable.Range(0, settings.Published).Select(number => new PublishedNumber(number)), cancellationToken: cancellationToken);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await queue.EmptyAsync();
            return (settings.Published / seconds, settings.Published / await caller.AskAsync("add", settings.Published, cancellationToken));
        });
    }

    private async Task MultiprocessingAsync(JobPool pool, PoolClient ours, CancellationToken cancellationToken)
    {
        await using var caller = peers.Multiprocessing();
        await using var consumer = programs.StartConsumer(url, DoubleNumber.Kind, concurrency: 2);
        await ConsumersAsync(pool, 1, cancellationToken);
        await RoundsAsync(new PeerRatio($"map of {settings.Mapped} / multiprocessing.Pool(2), items/s", 0.5, AtLeast: true), 1, async () => (
            settings.Mapped / (await ours.RunAsync(settings.Mapped, new BatchOptions(), cancellationToken)).TotalSeconds,
            settings.Mapped / await caller.AskAsync("map", settings.Mapped, cancellationToken)));
    }

    private async Task RawAsync(JobPool pool, PoolClient ours, int concurrency, double bound, CancellationToken cancellationToken)
    {
        var window = 4 * concurrency;
        await using var raw = await RawClient.ConnectAsync(url, window, cancellationToken);
        _server = raw.ServerVersion;
        await using var rawWorker = Programs.StartRawWorker(url, concurrency);
        await using var consumer = programs.StartConsumer(url, DoubleNumber.Kind, concurrency);
        await ConsumersAsync(pool, 1, cancellationToken);
        await RoundsAsync(new PeerRatio($"-c {concurrency}, one item per message / raw client, jobs/s", bound, AtLeast: true), 1, async () => (
            settings.Jobs / (await ours.RunAsync(settings.Jobs, OneByOne(window), cancellationToken)).TotalSeconds,
            settings.Jobs / (await raw.RunAsync(settings.Jobs, window)).TotalSeconds));
    }

    /// <summary>All numbers of processes in each round; each is compared with 2 of the same round.</summary>
    private async Task ProcessesAsync(JobPool pool, PoolClient ours, CancellationToken cancellationToken)
    {
        int[] counts = [2, 1, 4, 8];
        var ratios = counts[1..].ToDictionary(processes => processes, processes => new PeerRatio($"-p {processes} / -p 2, of ours, jobs/s", processes == 8 ? 0.9 : null, AtLeast: true));
        _loads.Add(Load());
        for (var round = 0; round < settings.Rounds; round++)
        {
            var two = 0.0;
            foreach (var processes in counts)
            {
                await using var consumers = programs.StartConsumers(url, DoubleNumber.Kind, concurrency: 16, processes);
                await ConsumersAsync(pool, processes, cancellationToken);
                // Each process compiles the same code while it runs its first thousands of jobs.
                await ours.RunAsync(processes * settings.Jobs / 2, OneByOne(512), cancellationToken);
                var rate = settings.Jobs / (await ours.RunAsync(settings.Jobs, OneByOne(512), cancellationToken)).TotalSeconds;
                if (processes == 2)
                    two = rate;
                else
                    ratios[processes].Add(rate, two);
            }

            await ConsumersAsync(pool, 0, cancellationToken);
        }

        Ratios.AddRange(ratios.Values);
    }

    private async Task RoundsAsync(PeerRatio ratio, int times, Func<Task<(double Ours, double Theirs)>> measureAsync)
    {
        _loads.Add(Load());
        await Console.Error.WriteLineAsync(ratio.What);
        for (var round = 0; round <= settings.Rounds * times; round++)
        {
            var (ours, theirs) = await measureAsync();
            // The first is the warm-up.
            if (round > 0)
                ratio.Add(ours, theirs);
        }

        Ratios.Add(ratio);
    }

    /// <summary>Waits until so many processes consume: the broker is asked, because a process that is starting says nothing.</summary>
    private static async Task ConsumersAsync(JobPool pool, int count, CancellationToken cancellationToken)
    {
        while (((await pool.Fleet.LookAtAsync(DoubleNumber.Kind, cancellationToken)).Jobs?.Consumers ?? 0) != count)
            await Task.Delay(LookEvery, cancellationToken);
    }

    private static BatchOptions OneByOne(int inFlight) => new() { Chunk = 1, InFlight = inFlight };

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
