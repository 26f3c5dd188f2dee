using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Broker.Connection;
using Broker.Pool;

namespace Broker.Tests.Chaos;

/// <summary>What became of all items: nothing is lost where both are 0.</summary>
/// <param name="Jobs">Items whose job was confirmed.</param>
/// <param name="Lost">Those without the right outcome.</param>
/// <param name="Doubled">Outcomes that were handed over a second time.</param>
/// <param name="RunTwice">Items that were run more than once, which is promised to happen.</param>
/// <param name="Recovery">From the end of the fault to the next outcome.</param>
internal sealed record Ledger(long Jobs, long Lost, long Doubled, long RunTwice, TimeSpan Recovery);

/// <summary>
/// Jobs that flow until they are told to end: one endless map, whose outcomes are taken as they come, and a detached batch each second, collected at the end. An item is
/// its own number, and its outcome twice that.
/// </summary>
internal sealed class Load : IDisposable
{
    /// <summary>Detached items have numbers from here on.</summary>
    private const long Detached = 1_000_000_000;

    private const int DetachedAtOnce = 40;

    /// <summary>What all that was confirmed may take to be answered once the fault is over.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly Scene _scene;
    private readonly CancellationTokenSource _enough = new();
    private readonly List<(long Index, long At)> _answers = [];
    private readonly List<(Guid Id, long First)> _batches = [];
    private readonly ConcurrentBag<string> _wrong = [];
    private readonly Task _mapping;
    private readonly Task _detaching;
    private long _sent;

    public Load(Scene scene, bool detaches)
    {
        _scene = scene;
        _mapping = Task.Run(MapAsync);
        _detaching = detaches ? Task.Run(DetachAsync) : Task.CompletedTask;
    }

    /// <summary>What was wrong, for the message of a failure.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    /// <summary>Waits for so many outcomes from now on.</summary>
    public async Task FlowAsync(int outcomes)
    {
        var target = Answered + outcomes;
        using var limit = new CancellationTokenSource(Limit);
        while (Answered < target && !_mapping.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
    }

    /// <summary>Sends no more, waits for all that was confirmed, and counts.</summary>
    /// <param name="faultEnd">When the fault was over.</param>
    public async Task<Ledger> EndAsync(long faultEnd)
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_mapping, _detaching).WaitAsync(Limit);
        var (lost, doubled) = (0L, 0L);
        foreach (var (id, first) in _batches)
        {
            var outcomes = await _scene.Pool.Collect(id, new CollectOptions { Deadline = Limit }).ReadAsync(CancellationToken.None).ToListAsync();
            doubled += outcomes.Count - outcomes.DistinctBy(outcome => outcome.Index).Count();
            lost += DetachedAtOnce - outcomes.Count(outcome => IsRight(outcome, first + outcome.Index));
        }

        var indices = _answers.Select(answer => answer.Index).ToList();
        doubled += indices.Count - indices.Distinct().Count();
        lost += _sent - indices.Distinct().Count() + _wrong.Count;
        var next = _answers.Select(answer => answer.At).Where(at => at >= faultEnd).DefaultIfEmpty(Stopwatch.GetTimestamp()).Min();
        return new Ledger(_sent + (_batches.Count * DetachedAtOnce), lost, doubled, _scene.Runs().Count(run => run.Value > 1), Stopwatch.GetElapsedTime(faultEnd, next));
    }

    public void Dispose() => _enough.Dispose();

    private int Answered
    {
        get
        {
            lock (_answers)
                return _answers.Count;
        }
    }

    private async Task MapAsync()
    {
        await foreach (var outcome in _scene.Pool.RunAsync(_scene.Kind("ledger"), ItemsAsync(), new BatchOptions { Chunk = 1, InFlight = 100 }, ordered: false))
        {
            lock (_answers)
                _answers.Add((outcome.Index, Stopwatch.GetTimestamp()));
            if (!IsRight(outcome, outcome.Index))
                _wrong.Add($"item {outcome.Index}: {outcome}");
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        while (!_enough.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            yield return Encoding.UTF8.GetBytes(_scene.Item(_sent++));
    }

    private async Task DetachAsync()
    {
        for (var first = Detached; !_enough.IsCancellationRequested; first += DetachedAtOnce)
        {
            try
            {
                var items = Enumerable.Range(0, DetachedAtOnce).Select(n => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(_scene.Item(first + n)))).ToAsyncEnumerable();
                var (id, _) = await _scene.Pool.PublishAsync(_scene.Kind("ledger"), items, new BatchOptions { Chunk = 4, Deadline = TimeSpan.FromSeconds(20) }, detached: true);
                _batches.Add((id, first));
            }
            catch (Exception e) when (e is BrokerUnavailableException or TimeoutException)
            {
                // Nothing was promised to its publisher.
            }

            await Task.Delay(TimeSpan.FromSeconds(1), _enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static bool IsRight(ItemOutcome outcome, long number) => outcome.Failure is null && outcome.ToString() == $"{2 * number}";
}
