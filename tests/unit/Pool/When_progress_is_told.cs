using System.Text;
using Broker.Contracts.Messages;
using Broker.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Pool;

/// <summary>The batch's messages are answered by the test.</summary>
public sealed class When_progress_is_told : IProgress<JobProgress>, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _sending = new(0);
    private readonly List<JobProgress> _told = [];
    private bool _fails;

    public void Dispose() => _sending.Dispose();

    void IProgress<JobProgress>.Report(JobProgress value)
    {
        if (_fails)
            throw new InvalidOperationException("a listener that fails");
        _told.Add(value);
    }

    [Fact]
    public async Task None_comes_after_the_items_outcome_or_of_an_item_that_does_not_exist()
    {
        var (batch, reading) = await RunAsync(this);
        batch.Accept(Told(batch, 0, 0.25));
        batch.Accept(Outcomes.Of(0));
        batch.Accept(Told(batch, 0, 0.5));
        batch.Accept(Told(batch, 2, 0.5));
        batch.Accept(Told(batch, -1, 0.5));
        batch.Accept(Told(batch, 1, 0.75));
        batch.Accept(Outcomes.Of(1));
        await reading.WaitAsync(Limit);
        batch.Accept(Told(batch, 1, 1));
        Assert.Equal([(0, 0.25), (1, 0.75)], _told.Select(told => (told.Index, told.Fraction!.Value)));
    }

    [Fact]
    public async Task A_listener_that_fails_does_not_end_the_call()
    {
        _fails = true;
        var (batch, reading) = await RunAsync(this);
        batch.Accept(Told(batch, 0, 0.5));
        batch.Accept(Outcomes.Of(0, 1));
        Assert.Equal(2, await reading.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_job_that_runs_is_known_to_until_it_waits_to_be_tried_again()
    {
        var (batch, reading) = await RunAsync(this);
        Assert.Equal(JobState.Waiting, batch.State);
        batch.Accept(Told(batch, 0, null));
        Assert.Equal(JobState.Running, batch.State);
        batch.Accept(new JobDelayed { BatchId = batch.Id, Indices = ItemIndices.From(0), Count = 1, Delay = TimeSpan.FromHours(1) });
        Assert.Equal(JobState.Delayed, batch.State);
        batch.Accept(Outcomes.Of(0, 1));
        await reading.WaitAsync(Limit);
    }

    [Fact]
    public async Task Who_has_not_asked_is_told_nothing()
    {
        var (batch, reading) = await RunAsync(progress: null);
        batch.Accept(Told(batch, 0, 0.5));
        Assert.Equal(JobState.Waiting, batch.State);
        batch.Accept(Outcomes.Of(0, 1));
        await reading.WaitAsync(Limit);
    }

    private static ReportedJob Told(Batch batch, long index, double? fraction) => new(Guid.NewGuid(), batch.Id, new ItemProgress(index, fraction, null));

    private async Task<(Batch Batch, Task<int> Reading)> RunAsync(IProgress<JobProgress>? progress)
    {
        var batch = new Batch(new BatchOptions { Chunk = 1, InFlight = 10, Progress = progress }, NullLogger.Instance);
        var template = SomeJob.Of("kind") with { BatchId = batch.Id, ReplyTo = "me" };
        var reader = new AsyncItems<int>(Enumerable.Range(0, 2).ToAsyncEnumerable(), item => Encoding.UTF8.GetBytes($"{item}"), () => "kind");
        var reading = Task.Run(async () =>
        {
            var read = 0;
            await foreach (var outcomes in batch.RunAsync(template, reader, firstIsRead: false, ordered: true, SendAsync, () => "me", CancellationToken.None))
                read += outcomes.Length;
            return read;
        });
        for (var job = 0; job < 2; job++)
            Assert.True(await _sending.WaitAsync(Limit));
        return (batch, reading);
    }

    private Task SendAsync(RunJob job, byte[] body, CancellationToken cancellationToken)
    {
        _sending.Release();
        return Task.CompletedTask;
    }
}
