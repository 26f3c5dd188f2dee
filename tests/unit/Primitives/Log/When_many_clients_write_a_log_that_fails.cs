using Broker.Primitives.Log;

namespace Broker.Tests.Unit.Primitives.Log;

/// <summary>Random interleavings of clients, lost channels, late publishes and lost readers on a model of a stream.</summary>
public sealed class When_many_clients_write_a_log_that_fails
{
    private const int Operations = 900;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Each_operation_is_applied_once_and_all_clients_agree(int seed)
    {
        var random = new Random(seed);
        var stream = new SimulatedStream(seed);
        var clients = Enumerable.Range(0, 4).Select(_ => new SimulatedClient(stream)).ToList();
        var operations = new List<(long Number, PendingOperation Operation)>();
        for (var number = 1; number <= Operations; number++)
        {
            operations.Add((number, clients[random.Next(clients.Count)].Add(number)));
            for (var step = 0; step < 6; step++)
            {
                stream.Step(breaks: 20);
                var client = clients[random.Next(clients.Count)];
                if (random.Next(50) == 0)
                    client.Reattach();
                client.Read(random.Next(8));
            }
        }

        await FinishAsync(stream, clients, operations.Select(static one => one.Operation));

        var numbers = clients[0].Numbers()!;
        Assert.Equal(Enumerable.Range(1, Operations).Select(static number => (long)number), numbers.Order());
        Assert.All(clients, client => Assert.Equal(numbers, client.Numbers()));
        // The outcome is the sum at the operation's own place.
        var sums = numbers.Zip(numbers.Aggregate(new List<long>(), static (sums, next) => [.. sums, sums.LastOrDefault() + next])).ToDictionary(static one => one.First, static one => one.Second);
        foreach (var (number, operation) in operations)
            Assert.Equal(sums[number], (await operation.Read).Outcome);

        // It has had a snapshot, and who begins with it comes to the same.
        var from = clients[0].Base!.Value;
        Assert.NotEqual(0, from);
        await using var late = new SimulatedClient(stream, from);
        late.Read(int.MaxValue);
        Assert.Equal(numbers, late.Numbers());
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task A_log_that_went_back_is_noticed_and_read_anew()
    {
        var stream = new SimulatedStream(seed: 1);
        await using var client = new SimulatedClient(stream);
        await using var other = new SimulatedClient(stream);
        await FinishAsync(stream, [client, other], [client.Add(1), client.Add(2)]);
        stream.GoBack(1);
        await FinishAsync(stream, [other], []);
        client.Reattach();

        other.Reattach();
        await FinishAsync(stream, [other, client], [other.Add(3)]);

        Assert.True(client.WentBack);
        Assert.Equal([1L, 3L], client.Numbers()!);
    }

    [Fact]
    public async Task A_smaller_fence_is_refused_once_a_larger_was_seen()
    {
        var stream = new SimulatedStream(seed: 1);
        await using var client = new SimulatedClient(stream);
        var first = client.Add(1, fence: 7);
        await FinishAsync(stream, [client], [first]);
        var (late, free) = (client.Add(2, fence: 6), client.Add(3));
        await FinishAsync(stream, [client], [late, free]);

        Assert.Equal(RecordFate.Applied, (await first.Read).Fate);
        Assert.Equal(RecordFate.Fenced, (await late.Read).Fate);
        Assert.Equal([1L, 3L], client.Numbers()!);
    }

    /// <summary>Without further faults, until all operations have been read by their clients and everything by all.</summary>
    private static async Task FinishAsync(SimulatedStream stream, IReadOnlyList<SimulatedClient> clients, IEnumerable<PendingOperation> operations)
    {
        var last = Task.WhenAll(operations.Select(static operation => operation.Read));
        for (var end = DateTime.UtcNow.AddSeconds(30); stream.Drain() || !last.IsCompleted; await Task.Yield())
        {
            Assert.True(DateTime.UtcNow < end, "the operations do not end");
            foreach (var client in clients)
                client.Read(int.MaxValue);
        }

        foreach (var client in clients)
            client.Read(int.MaxValue);
    }
}
