using Broker.Contracts;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_result_is_unusual
{
    [Fact]
    public async Task One_that_is_not_of_the_expected_type_is_a_failed_outcome_and_the_next_is_read()
    {
        await using var pool = await Echo.PoolAsync();
        var outcomes = await pool.WhenEachAsync([new EchoAsNumber("x"), new EchoAsNumber(null), new EchoAsNumber("bad")], new BatchOptions { Chunk = 1 }).OrderBy(outcome => outcome.Index).ToListAsync();
        Assert.All(outcomes, outcome => Assert.False(outcome.Succeeded));
        Assert.StartsWith("the result cannot be read as System.Int32", outcomes[0].Failure!.RemoteMessage, StringComparison.Ordinal);
        Assert.StartsWith("the result cannot be read as System.Int32", outcomes[1].Failure!.RemoteMessage, StringComparison.Ordinal);
        Assert.Equal("no such text", outcomes[2].Failure!.RemoteMessage);
        await Assert.ThrowsAsync<JobFailedException>(() => pool.CallAsync(new EchoAsNumber("x")));
    }

    [Fact]
    public async Task Null_is_one()
    {
        await using var pool = await Echo.PoolAsync();
        Assert.Null(await pool.CallAsync(new Echo(null)));
        Assert.Equal([null, "a", null], await pool.MapAsync([new Echo(null), new Echo("a"), new Echo(null)]));
        Assert.Equal([(true, null), (true, "a")], await pool.WhenEachAsync([new Echo(null), new Echo("a")], new BatchOptions { Chunk = 2 }).Select(outcome => (outcome.Succeeded, outcome.Value)).ToListAsync());
    }

    [Fact]
    public async Task A_tuple_is_one_and_an_argument_too()
    {
        await using var pool = await Echo.PoolAsync();
        Assert.Equal(("a", 1), await pool.CallAsync(new Swap((1, "a"))));
        Assert.Equal([("b", 2), ("c", 3)], await pool.MapAsync([new Swap((2, "b")), new Swap((3, "c"))]));
    }

    [Fact]
    public async Task The_causes_of_a_failure_are_in_the_exception_and_in_what_is_logged_of_it()
    {
        await using var pool = await Echo.PoolAsync();
        var error = await Assert.ThrowsAsync<JobFailedException>(() => pool.CallAsync(new Echo("bad")));
        Assert.Equal([(typeof(ArgumentException).FullName, "the reason"), (typeof(IOException).FullName, "its cause")], error.RemoteCauses.Select(cause => ((string?)cause.Type, cause.Message)));
        Assert.EndsWith("System.FormatException: no such text; caused by System.ArgumentException: the reason; caused by System.IO.IOException: its cause", error.Message, StringComparison.Ordinal);
    }
}
