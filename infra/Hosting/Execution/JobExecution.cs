using System.Diagnostics;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Running;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Execution;

/// <summary>Runs a job's items one after another. An item that fails is an outcome like any other: the rest of its chunk runs on.</summary>
/// <param name="kind">What runs.</param>
/// <param name="self">This process.</param>
/// <param name="handlerLog">What handlers log to.</param>
/// <param name="onUnfit">Told why this process is no longer fit to run jobs: a handler ignores its time limit, or memory is short.</param>
internal sealed class JobExecution(HostedKind kind, ProcessIdentity self, ILogger handlerLog, Action<string> onUnfit)
{
    /// <summary>Runs all items and passes on their outcomes, in as many messages as it takes.</summary>
    /// <param name="answerAsync">Returns when the outcomes are safe.</param>
    /// <exception cref="OperationCanceledException">By the job's token, for another reason than that the job was cancelled: it is requeued, whatever it has done.</exception>
    public async Task RunAsync(RunJob job, IReadOnlyList<ReadOnlyMemory<byte>> items, RunningJob running, Func<JobCompleted, Task> answerAsync)
    {
        var scope = kind.Runner.OpenScope();
        await using var disposal = new ScopeDisposal(scope, handlerLog);
        using var outcomes = new OutcomeWriter();
        var runner = new ItemExecution(job, running, scope, outcomes, handlerLog, onUnfit);
        var startedAt = DateTimeOffset.UtcNow;
        var clock = Stopwatch.GetTimestamp();
        var answered = 0;
        running.Start();
        for (var offset = 0; offset < items.Count; offset++)
        {
            if (await runner.RunAsync(job.Indices[offset], items[offset]))
            {
                if (!outcomes.HasRoomForResult)
                    await AnswerAsync();
                outcomes.Succeed();
            }

            if (outcomes.IsFull)
                await AnswerAsync();
        }

        if (!outcomes.IsEmpty)
            await AnswerAsync();

        async Task AnswerAsync()
        {
            var (values, count, failures) = outcomes.Take();
            // The monotonic clock: a clock that is set back must not make a job end before it began.
            var message = Outcomes(job, answered, count, values, startedAt, startedAt + Stopwatch.GetElapsedTime(clock));
            await answerAsync(failures is null ? message : message with { Failures = failures });
            answered += count;
        }
    }

    /// <summary>Answers a job that is not run: every item failed, for the same reason.</summary>
    public async Task RefuseAsync(RunJob job, int count, string type, string message, Func<JobCompleted, Task> answerAsync)
    {
        using var outcomes = new OutcomeWriter();
        var now = DateTimeOffset.UtcNow;
        var answered = 0;
        for (var offset = 0; offset < count; offset++)
        {
            outcomes.Fail(type, message, null, retryable: false);
            if (!outcomes.IsFull && offset < count - 1)
                continue;
            var (values, part, failures) = outcomes.Take();
            await answerAsync(Outcomes(job, answered, part, values, now, now) with { Failures = failures });
            answered += part;
        }
    }

    /// <summary>A service that fails in its disposal must not take the job's outcomes with it: they are sent.</summary>
    private sealed class ScopeDisposal(JobScope scope, ILogger log) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await scope.DisposeAsync();
            }
            catch (Exception e)
            {
                log.LogError(e, "a service of the job could not be disposed: {Reason}", e.Message);
            }
        }
    }

    private JobCompleted Outcomes(RunJob job, int first, int count, RawJson values, DateTimeOffset startedAt, DateTimeOffset finishedAt) => new()
    {
        JobId = job.JobId,
        Kind = job.Kind,
        BatchId = job.BatchId,
        Indices = first == 0 ? job.Indices : job.Indices.Skip(first),
        Count = count,
        Attempt = job.Attempt,
        Values = values,
        Worker = self,
        Concurrency = kind.Concurrency,
        StartedAt = startedAt,
        FinishedAt = finishedAt,
    };
}
