using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

/// <summary>
/// Putters and getters that may die between any two steps, on a model of the queue on the broker: what they leave must heal. The model's steps are those of the queue's putter and getter.
/// </summary>
public sealed class When_processes_die_at_a_queue
{
    private const int MaxSize = 3;

    public static TheoryData<int, bool> Seeds => [.. Enumerable.Range(1, 50).Select(seed => (seed, seed % 2 == 0))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_slot_and_no_unfinished_item_is_left_and_nothing_that_was_put_is_lost(int seed, bool joinable)
    {
        var random = new Random(seed);
        var fold = new FoldedState(random);
        var queue = new LinkedList<long>();
        var running = new List<IEnumerator<bool>>();
        var (returned, got) = (new HashSet<long>(), new HashSet<long>());
        var deaths = 0;
        for (var step = 0; step < 600; step++)
        {
            if (running.Count < 6 && step < 500)
                running.Add((random.Next(2) == 0 ? Put() : Get()).GetEnumerator());
            if (running.Count == 0)
                break;
            var one = running[random.Next(running.Count)];
            var dies = step < 500 && random.Next(12) == 0;
            deaths += dies ? 1 : 0;
            if (dies || !one.MoveNext())
            {
                // A dead process runs no more of its steps; what it held on the broker returns.
                one.Dispose();
                running.Remove(one);
            }

            if (fold.Offset > 100)
                Assert.InRange(fold.State<QueueState>().Free, 0, MaxSize);
        }

        // Whoever waits gives up what was silent for long; then everything is got.
        while (running.Count > 0)
        {
            running.RemoveAll(one => !one.MoveNext());
            GiveUpSilent();
        }

        GiveUpSilent();
        while (queue.Count > 0)
        {
            foreach (var _ in Get())
            {
            }
        }

        fold.AssertSame();
        var state = fold.State<QueueState>();
        Assert.Equal((0, MaxSize), (state.Unfinished, (int)state.Free));
        Assert.Superset(returned, got);
        Assert.True(deaths > 5 && returned.Count > 20, $"{deaths} deaths, {returned.Count} puts");

        IEnumerable<bool> Put()
        {
            var wait = Guid.NewGuid();
            object? slot;
            for (var tries = 0; (slot = fold.Apply(new QueueReserve(wait, tries < 5, MaxSize, joinable))) is null; tries++)
            {
                if (tries == 5)
                    yield break;
                yield return true;
                if (random.Next(3) == 0)
                    GiveUpSilent();
            }

            yield return true;
            queue.AddLast((long)slot);
            yield return true;
            fold.Apply(new QueueStored((long)slot));
            // Join must not return before what has been put is done.
            Assert.True(!joinable || got.Contains((long)slot) || fold.State<QueueState>().Unfinished > 0);
            returned.Add((long)slot);
        }

        IEnumerable<bool> Get()
        {
            if (queue.First is not { } first)
                yield break;
            queue.RemoveFirst();
            var acknowledged = false;
            try
            {
                yield return true;
                fold.Apply(new QueueTaken(first.Value));
                yield return true;
                if (joinable)
                    fold.Apply(new QueueDone(first.Value));
                yield return true;
                acknowledged = true;
                got.Add(first.Value);
            }
            finally
            {
                if (!acknowledged)
                    queue.AddFirst(first.Value);
            }
        }

        void GiveUpSilent()
        {
            if (fold.Offset > 100 && fold.State<QueueState>().Reserved is { Count: > 0 } reserved)
                fold.Apply(new QueueGiveUp(reserved.Min, Silent: true));
            if (fold.Offset > 100 && fold.State<QueueState>() is var state && state.Line.Look(Guid.Empty, state.Free).Called is { } called)
                fold.Apply(new QueuePass(called));
        }
    }

    [Fact]
    public void An_item_that_was_given_up_too_early_counts_again_when_it_is_stored()
    {
        var fold = new FoldedState();
        var item = Reserve(fold);
        fold.Apply(new QueueGiveUp(item, Silent: true));
        Assert.Equal((0, 3L), (fold.State<QueueState>().Unfinished, fold.State<QueueState>().Free));
        fold.Apply(new QueueStored(item));
        Assert.Equal((1, 2L), (fold.State<QueueState>().Unfinished, fold.State<QueueState>().Free));
        fold.Apply(new QueueTaken(item));
        Assert.Equal((1, 3L), (fold.State<QueueState>().Unfinished, fold.State<QueueState>().Free));
        fold.Apply(new QueueTaken(item));
        fold.Apply(new QueueStored(item));
        fold.Apply(new QueueDone(item));
        fold.Apply(new QueueStored(item));
        Assert.Equal((0, 3L), (fold.State<QueueState>().Unfinished, fold.State<QueueState>().Free));
    }

    [Fact]
    public void It_is_full_exactly_at_its_limit_and_a_slot_is_free_when_an_item_is_taken()
    {
        var fold = new FoldedState();
        var items = Enumerable.Range(0, 3).Select(_ => Reserve(fold)).ToList();
        Assert.Null(fold.Apply(new QueueReserve(Guid.NewGuid(), false, 3, true)));
        fold.Apply(new QueueTaken(items[1]));
        Reserve(fold);
        Assert.Null(fold.Apply(new QueueReserve(Guid.NewGuid(), false, 3, true)));
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 1)]
    public void A_closed_queue_takes_nothing_more_and_drops_what_is_in_it_only_if_told_to(bool immediate, int unfinished)
    {
        var fold = new FoldedState();
        var items = Enumerable.Range(0, 3).Select(_ => Reserve(fold)).ToList();
        var wait = Guid.NewGuid();
        Assert.Null(fold.Apply(new QueueReserve(wait, true, 3, true)));
        fold.Apply(new QueueStored(items[0]));
        fold.Apply(new QueueTaken(items[1]));
        fold.Apply(new QueueClose(immediate));
        var state = fold.State<QueueState>();
        Assert.True(state.Line.Look(wait, state.Free).Acts);
        Assert.Equal(new Refused(Refusal.Closed), fold.Apply(new QueueReserve(wait, true, 3, true)));
        Assert.Equal((unfinished, immediate), (state.Unfinished, state.IsDropped));
        fold.Apply(new QueueReopen());
        Reserve(fold);
    }

    private static long Reserve(FoldedState fold) => Assert.IsType<long>(fold.Apply(new QueueReserve(Guid.NewGuid(), true, 3, true)));
}
