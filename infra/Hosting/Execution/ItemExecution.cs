using System.Text.Json;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Running;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Execution;

/// <summary>Runs one item after another of a job, and turns whatever a handler raises into that item's failure.</summary>
internal sealed class ItemExecution(RunJob job, RunningJob running, JobScope scope, OutcomeWriter outcomes, ILogger handlerLog, Action<string> onUnfit)
{
    private readonly Func<CancellationCause> _cause = () => running.Cause;

    /// <summary>Runs the item of this index.</summary>
    /// <returns>Whether the item wrote a result; where it did not, its failure is among the outcomes.</returns>
    /// <exception cref="OperationCanceledException">By the job's token.</exception>
    public async Task<bool> RunAsync(long index, ReadOnlyMemory<byte> item)
    {
        try
        {
            running.Token.ThrowIfCancellationRequested();
            var result = outcomes.BeginItem();
            if (job.ItemTimeout is { } limit)
                await RunLimitedAsync(limit, index, item, result);
            else
                await scope.RunAsync(item, Context(index, _cause, running.Token), result);

            if (outcomes.ResultBytes <= OutcomeWriter.MaxResultBytes)
                return true;
            outcomes.Fail(FailureTypes.BadResult, $"the result has {outcomes.ResultBytes / 1048576.0:0.0} MiB and the largest message is {MessageSender.MaxBodyBytes / 1048576} MiB: return a reference to where its data is", null, retryable: false);
        }
        catch (OperationCanceledException) when (running.Cause == CancellationCause.Cancelled)
        {
            outcomes.Fail(FailureTypes.Cancelled, "cancelled while its job ran", null, retryable: false);
        }
        catch (OperationCanceledException) when (running.Token.IsCancellationRequested)
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
        catch (OutOfMemoryException e)
        {
            outcomes.Fail(e);
            if (MemoryShortage.Lasting() is { } shortage)
                onUnfit(shortage);
        }
        catch (Exception e)
        {
            outcomes.Fail(e);
        }

        return false;
    }

    // Apart, or every item without a limit would pay for what this one captures.
    private Task RunLimitedAsync(TimeSpan limit, long index, ReadOnlyMemory<byte> item, Utf8JsonWriter result)
    {
        var time = new ItemTimeLimit(limit, running.Token);
        return time.RunAsync(token => scope.RunAsync(item, Context(index, () => time.IsOver ? CancellationCause.TimedOut : running.Cause, token), result), Hung);
    }

    private void Hung()
    {
        outcomes.Abandon();
        onUnfit($"a handler of kind '{job.Kind}' ignores its time limit");
    }

    private JobContext Context(long index, Func<CancellationCause> cause, CancellationToken cancellationToken) => new()
    {
        JobId = job.JobId,
        BatchId = job.BatchId,
        Index = index,
        Attempt = job.Attempt,
        CancellationToken = cancellationToken,
        Cause = cause,
        Progress = running,
        Services = scope.Services,
        Logger = handlerLog,
    };
}
