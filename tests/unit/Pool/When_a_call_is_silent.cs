using System.Text;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Tests.Unit.Fleet;
using Broker.Topology;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_call_is_silent : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly ManualClock _clock = new();
    private readonly List<RunJob> _sent = [];
    private readonly SemaphoreSlim _sending = new(0);
    private readonly CancellationTokenSource _closed = new();
    private readonly SilenceWatch _watch;
    private readonly Batch _batch;
    private Func<InboxState> _inbox = () => InboxState.Listening;
    private long[] _held = [];
    private bool _tellsJobs = true;
    private long _ready;
    private long _taken;
    private int _consumers = 1;
    private int _process = 1;
    private int _asked;
    private string _replyTo = "me";
    private Task _running = Task.CompletedTask;

    public When_a_call_is_silent()
    {
        _watch = new SilenceWatch(_ => Task.FromResult(_inbox()), TraceAsync, NullLogger.Instance, _clock, _closed.Token);
        _batch = new Batch(new BatchOptions { Chunk = 1, InFlight = 300 }, NullLogger.Instance, _clock);
    }

    [Fact]
    public async Task Jobs_of_which_two_looks_find_no_trace_are_sent_again()
    {
        await StartAsync(items: 3);
        _batch.Accept(Outcomes.Of(1));
        await PassAsync(looks: 3);
        Assert.Equal(3, _sent.Count);
        await PassAsync(looks: 1);
        await SentAsync(2);
        Assert.Equal([_sent[0].JobId, _sent[2].JobId], _sent.Skip(3).OrderBy(job => job.Indices[0]).Select(job => job.JobId));
    }

    [Fact]
    public async Task Jobs_that_are_queued_or_running_are_not_sent_again_and_are_looked_for_less_and_less()
    {
        _held = [0];
        await StartAsync(items: 1);
        await PassAsync(looks: 300);
        Assert.Single(_sent);
        Assert.InRange(_asked, 14, 18);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task One_look_without_a_trace_is_not_enough_nor_many_while_processes_end(bool end)
    {
        await StartAsync(items: 1);
        for (var time = 0; time < 20; time++)
        {
            (_held, _process) = end ? (Array.Empty<long>(), time) : (time % 2 == 1 ? [0] : Array.Empty<long>(), 1);
            var asked = _asked;
            while (_asked == asked)
                await PassAsync(looks: 1);
        }

        Assert.Single(_sent);
    }

    [Fact]
    public async Task Lost_jobs_are_sent_again_while_other_calls_keep_queue_and_consumers_busy()
    {
        await StartAsync(items: 1);
        _ready = 50;
        for (var look = 0; look < 10 && _sending.CurrentCount == 0; look++)
            await PassAsync(looks: 1, taken: 30);

        await SentAsync(1);
        Assert.Equal(_sent[0].JobId, _sent[1].JobId);
    }

    [Fact]
    public async Task What_still_is_in_a_long_queue_is_not_sent_again()
    {
        await StartAsync(items: 1);
        _ready = 1000;
        // As many as there were at first: those that were being returned just then may be behind them.
        await PassAsync(looks: 100, taken: 10);

        Assert.Single(_sent);
        Assert.InRange(_asked, 10, 20);
    }

    [Fact]
    public async Task A_job_that_runs_for_long_is_not_sent_again_while_others_of_its_kind_pass_it()
    {
        _held = [0];
        await StartAsync(items: 1);
        _ready = 5;
        await PassAsync(looks: 100, taken: 100);

        Assert.Single(_sent);
    }

    [Fact]
    public async Task Consumers_that_do_not_tell_what_they_run_or_do_not_answer_may_run_it()
    {
        _tellsJobs = false;
        await StartAsync(items: 1);
        await PassAsync(looks: 20);
        (_tellsJobs, _consumers) = (true, 2);
        await PassAsync(looks: 20);
        Assert.Single(_sent);
        _consumers = 1;
        await PassAsync(looks: 40);
        await SentAsync(1);
    }

    [Fact]
    public async Task Nothing_is_looked_at_while_outcomes_arrive()
    {
        await StartAsync(items: 9);
        for (var item = 0; item < 8; item++)
        {
            _batch.Accept(Outcomes.Of(item));
            await PassAsync(looks: 1);
        }

        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task A_lost_job_is_sent_again_while_others_of_its_call_are_answered()
    {
        await StartAsync(items: 50);
        _ready = 5;
        for (var item = 1; item < 20 && _sending.CurrentCount == 0; item++)
        {
            _held = [.. Enumerable.Range(item + 1, 49 - item)];
            _batch.Accept(Outcomes.Of(item));
            await PassAsync(looks: 1, taken: 30);
        }

        await SentAsync(1);
        Assert.Equal(51, _sent.Count);
        Assert.Equal(0, _sent[50].Indices[0]);
    }

    [Fact]
    public async Task A_long_job_is_looked_for_less_and_less_though_others_of_its_call_are_answered()
    {
        await StartAsync(items: 300);
        for (var item = 1; item < 300; item++)
        {
            _held = [0, .. Enumerable.Range(item + 1, 299 - item)];
            _batch.Accept(Outcomes.Of(item));
            await PassAsync(looks: 1, taken: 30);
        }

        Assert.Equal(300, _sent.Count);
        Assert.InRange(_asked, 14, 18);
    }

    [Fact]
    public async Task Nothing_is_sent_again_while_the_broker_is_away()
    {
        _inbox = () => throw new Broker.Connection.BrokerUnavailableException("away");
        await StartAsync(items: 1);
        await PassAsync(looks: 20);
        Assert.Single(_sent);
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task With_a_new_address_all_is_sent_again_with_that_address()
    {
        await StartAsync(items: 2);
        (_inbox, _replyTo) = (() => InboxState.Moved, "new");
        await PassAsync(looks: 3);
        await SentAsync(2);
        Assert.Equal(["me", "me", "new", "new"], _sent.Select(job => job.ReplyTo));
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closed.Dispose();
        _sending.Dispose();
    }

    private static HeldJob Held(Guid batch, long index) =>
        new() { JobId = Guid.NewGuid(), BatchId = batch, Indices = ItemIndices.From(index), Count = 1, ReceivedAt = DateTimeOffset.UnixEpoch };

    private async Task StartAsync(int items)
    {
        var template = SomeJob.Of("kind") with { BatchId = _batch.Id, ReplyTo = "me" };
        var reader = new AsyncItems<int>(Enumerable.Range(0, items).ToAsyncEnumerable(), item => Encoding.UTF8.GetBytes($"{item}"), () => "kind");
        _watch.Watch("kind", _batch);
        _running = Task.Run(async () =>
        {
            await foreach (var outcomes in _batch.RunAsync(template, reader, firstIsRead: false, ordered: false, SendAsync, () => _replyTo, _closed.Token))
                Assert.All(outcomes, outcome => Assert.Null(outcome.Failure));
        });
        await SentAsync(items);
        while (_batch.Pending.Count < items)
            await Task.Yield();
    }

    private Task SendAsync(RunJob job, byte[] body, CancellationToken cancellationToken)
    {
        lock (_sent)
            _sent.Add(job);
        _sending.Release();
        return Task.CompletedTask;
    }

    private async Task SentAsync(int jobs)
    {
        for (var job = 0; job < jobs; job++)
            Assert.True(await _sending.WaitAsync(Limit));
    }

    /// <summary>So many looks, after each of which consumers have taken so many jobs more.</summary>
    private async Task PassAsync(int looks, int taken = 0)
    {
        for (var look = 0; look < looks; look++)
        {
            _clock.Advance(SilenceWatch.LookEvery);
            await _watch.LookAsync();
            _taken += taken;
        }
    }

    private Task<KindTrace> TraceAsync(string kind, CancellationToken cancellationToken)
    {
        _asked++;
        // Another call's job runs all the time.
        var jobs = _held.Select(index => Held(_batch.Id, index)).Append(Held(Guid.NewGuid(), 0)).ToList();
        var served = Snapshots.Served(kind, running: 1) with { Taken = _taken, Jobs = _tellsJobs ? jobs : null };
        return Task.FromResult(new KindTrace(kind, new QueueDepth(_ready, _consumers), 0, Snapshots.Take(_clock, (_process, [served]))));
    }
}
