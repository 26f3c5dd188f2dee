using System.Diagnostics;
using System.Text.Json;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Execution;

/// <summary>Runs a job's items one after another. An item that fails is an outcome like any other: the rest of its chunk runs on.</summary>
internal sealed class JobExecution(KindRunner runner, int concurrency, ProcessIdentity self, ILogger handlerLog, Action<string> onHung)
{
    /// <summary>Runs all items and hands on their outcomes, in as many messages as it takes.</summary>
    /// <param name="job">The job.</param>
    /// <param name="sendAsync">Returns when the outcomes are safe.</param>
    /// <param name="cancellationToken">Stop, or the connection is lost: the job is given back, whatever it has done.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public async Task RunAsync(RunJob job, Func<JobCompleted, Task> sendAsync, CancellationToken cancellationToken)
    {
        using var outcomes = new OutcomeWriter();
        var sent = 0;
        var startedAt = DateTimeOffset.UtcNow;
        var clock = Stopwatch.GetTimestamp();
        var offset = 0;
        foreach (var item in JsonItems.Split(job.Items.Utf8))
        {
            if (await RunItemAsync(job, job.Indices[offset++], item, outcomes, cancellationToken))
            {
                if (!outcomes.HasRoomForResult)
                    await SendPartAsync();
                outcomes.Succeed();
            }

            if (outcomes.IsFull)
                await SendPartAsync();
        }

        if (!outcomes.IsEmpty)
            await SendPartAsync();

        async Task SendPartAsync()
        {
            var (values, count, failures) = outcomes.Take();
            await sendAsync(new JobCompleted
            {
                JobId = job.JobId,
                Kind = job.Kind,
                BatchId = job.BatchId,
                Indices = job.Indices.Skip(sent),
                Count = count,
                Attempt = job.Attempt,
                Values = values,
                Failures = failures,
                Worker = self,
                Concurrency = concurrency,
                StartedAt = startedAt,
                // The monotonic clock: a clock that is set back must not make a job end before it began.
                FinishedAt = startedAt + Stopwatch.GetElapsedTime(clock),
            });
            sent += count;
        }
    }

    /// <returns>Whether the item wrote a result; where it did not, its failure is among the outcomes.</returns>
    private async Task<bool> RunItemAsync(RunJob job, long index, ReadOnlyMemory<byte> item, OutcomeWriter outcomes, CancellationToken cancellationToken)
    {
        try
        {
            var result = outcomes.BeginItem();
            if (job.ItemTimeout is { } limit)
                await ItemTimeLimit.RunAsync(limit, token => runner.RunAsync(item, Context(job, index, token), result), Hung, cancellationToken);
            else
                await runner.RunAsync(item, Context(job, index, cancellationToken), result);
            if (outcomes.ResultBytes <= OutcomeWriter.LargestResult)
                return true;
            outcomes.Fail(FailureTypes.BadResult, $"the result has {outcomes.ResultBytes / 1048576.0:0.0} MiB and the largest message is {MessageSender.LargestBody / 1048576} MiB: return a reference to where its data lies", null, retryable: false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ItemDoesNotFitException e)
        {
            outcomes.Fail(FailureTypes.DoesNotFit, e.Message, null, retryable: false);
        }
        catch (BadResultException e)
        {
            outcomes.Fail(FailureTypes.BadResult, e.Message, null, retryable: false);
        }
        catch (ItemTimedOutException e)
        {
            outcomes.Fail(FailureTypes.TimedOut, e.Message, null, retryable: true);
        }
        catch (Exception e)
        {
            outcomes.Fail(e.GetType().FullName!, e.Message, e.StackTrace, retryable: e is not JobRejectedException);
        }

        return false;

        void Hung()
        {
            outcomes.Abandon();
            onHung($"a handler of kind '{job.Kind}' ignores its time limit");
        }
    }

    private JobContext Context(RunJob job, long index, CancellationToken cancellationToken) => new()
    {
        JobId = job.JobId,
        BatchId = job.BatchId,
        Index = index,
        Attempt = job.Attempt,
        CancellationToken = cancellationToken,
        Logger = handlerLog,
    };
}
