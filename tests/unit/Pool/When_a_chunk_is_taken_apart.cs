using System.Text;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_chunk_is_taken_apart
{
    private static readonly Guid Batch = Guid.NewGuid();
    private static readonly Guid Job = Guid.NewGuid();
    private static readonly JobRun Run = new(Batch, Job, new ProcessIdentity("host", 4711, "consumer"), 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1);

    [Fact]
    public void Each_value_keeps_its_bytes_and_has_its_place()
    {
        var outcomes = Chunk("[1, {\"a\":[1,2]} ,\"x,]y\",null,[[]]]", 5).Split();
        Assert.Equal(["1", "{\"a\":[1,2]}", "\"x,]y\"", "null", "[[]]"], outcomes.Select(outcome => Encoding.UTF8.GetString(outcome.Value.Span)));
        Assert.Equal([10, 11, 12, 13, 14], outcomes.Select(outcome => outcome.Index));
        Assert.All(outcomes, outcome => Assert.Null(outcome.Failure));
    }

    [Fact]
    public void A_failure_finds_its_item_and_becomes_an_exception_that_says_everything()
    {
        var failure = new ItemFailure(1, "Some.Type", "the reason", "at there", Retryable: true, [new FailureCause("Inner.Type", "the cause")]);
        var outcomes = Chunk("[1,null,3]", 3, failure).Split();
        Assert.Null(outcomes[0].Failure);
        Assert.Null(outcomes[2].Failure);
        var error = outcomes[1].ToException();
        Assert.Equal((11, "Some.Type", "the reason", "at there", 4711), (error.Index, error.RemoteType, error.RemoteMessage, error.RemoteStackTrace, error.Worker!.ProcessId));
        Assert.Equal((Batch, Job, 1, true), (error.BatchId, error.JobId, error.Attempt, error.Retryable));
        Assert.Equal([new FailureCause("Inner.Type", "the cause")], error.RemoteCauses);
        Assert.Equal("item 11 failed on host pid 4711: Some.Type: the reason; caused by Inner.Type: the cause", error.Message);
    }

    [Fact]
    public void Failures_weigh_in_the_window_too() =>
        Assert.True(Chunk("[null]", 1, new ItemFailure(0, "t", "m", null, Retryable: false)).Bytes > Chunk("[null]", 1).Bytes);

    private static CompletedChunk Chunk(string values, int count, params ItemFailure[] failures) =>
        new(10, count, Encoding.UTF8.GetBytes(values), failures.Length == 0 ? null : failures, Run);
}
