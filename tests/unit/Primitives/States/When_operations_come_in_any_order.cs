using Broker.Contracts.Messages;
using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

/// <summary>Random operations on a state and on a plain collection of .NET; the state is written and read on the way, as snapshots are.</summary>
public sealed class When_operations_come_in_any_order
{
    private const int Operations = 400;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_dictionary_is_what_a_dictionary_would_be(int seed)
    {
        var random = new Random(seed);
        var fold = new FoldedState(random);
        var model = new List<(string Key, int Value, long Version)>();
        long version = 0;
        for (var step = 0; step < Operations; step++)
        {
            var key = $"key {random.Next(8)}";
            var at = model.FindIndex(entry => entry.Key == key);
            var value = random.Next(100);
            switch (random.Next(7))
            {
                case 0 or 1:
                    Set(key, value);
                    fold.Apply(new DictionarySet(key, FoldedState.Json(value), null));
                    break;
                case 2:
                    var wanted = random.Next(2) == 0 ? (at < 0 ? 0 : model[at].Version) : random.Next((int)version + 1);
                    var fits = wanted == (at < 0 ? 0 : model[at].Version);
                    if (fits)
                        Set(key, value);
                    Assert.Equal(fits, ((ValueChange)fold.Apply(new DictionarySet(key, FoldedState.Json(value), wanted))!).Done);
                    break;
                case 3:
                    Assert.Equal(at < 0 ? null : $"{model[at].Value}", Text(fold.Apply(new DictionaryRemove(key, null))));
                    if (at >= 0)
                        model.RemoveAt(at);
                    break;
                case 4:
                    Assert.Equal(model.Count == 0 ? null : $"{model[^1].Value}", Text(fold.Apply(new DictionaryPopLast())));
                    if (model.Count > 0)
                        model.RemoveAt(model.Count - 1);
                    break;
                case 5:
                    Set(key, value + (at < 0 ? 0 : model[at].Value));
                    fold.Apply(new DictionaryAdd(key, FoldedState.Json(value), "Int32"));
                    break;
                default:
                    var items = Enumerable.Range(0, random.Next(4)).Select(_ => (Key: $"key {random.Next(8)}", Value: random.Next(100))).DistinctBy(item => item.Key).ToList();
                    items.ForEach(item => Set(item.Key, item.Value));
                    fold.Apply(new DictionaryUpdate([.. items.Select(item => new DictionaryItem(item.Key, FoldedState.Json(item.Value)))]));
                    break;
            }

            if (random.Next(50) == 0)
            {
                Assert.Equal(model.Count, fold.Apply(new DictionaryClear()));
                model.Clear();
            }

            var state = fold.State<DictionaryState>();
            Assert.Equal(model, state.Entries.Select(entry => (entry.Key, int.Parse(FoldedState.Text(entry.Value.Value)), entry.Value.Version)));
            Assert.Equal(state.Entries.Sum(entry => StateSize.Of(entry.Key, entry.Value.Value)), state.Size);
        }

        fold.AssertSame();

        void Set(string key, int value)
        {
            version++;
            var at = model.FindIndex(entry => entry.Key == key);
            if (at < 0)
                model.Add((key, value, version));
            else
                model[at] = (key, value, version);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_list_is_what_a_list_would_be(int seed)
    {
        var random = new Random(seed);
        var fold = new FoldedState(random);
        var model = new List<int>();
        for (var step = 0; step < Operations; step++)
        {
            if (random.Next(4) == 0)
            {
                var value = random.Next(10);
                Assert.Equal(model.Remove(value), fold.Apply(new ListRemove(FoldedState.Json(value))));
            }
            else
            {
                var start = random.Next(-1, model.Count + 2);
                var end = start + random.Next(-1, 3);
                var values = Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(10)).ToList();
                var outcome = fold.Apply(new ListSplice(Written(start), Written(end), [.. values.Select(value => FoldedState.Json(value))]));
                if (start < 0 || end < start || end > model.Count)
                {
                    Assert.Equal(new Refused(Refusal.OutOfRange, model.Count), outcome);
                }
                else
                {
                    Assert.Equal(model[start..end].Select(value => $"{value}"), ((IReadOnlyList<RawJson>)outcome!).Select(FoldedState.Text));
                    model.RemoveRange(start, end - start);
                    model.InsertRange(start, values);
                }
            }

            var state = fold.State<ListState>();
            Assert.Equal(model.Select(value => $"{value}"), state.Elements.Select(FoldedState.Text));
            Assert.Equal(StateSize.Of(state.Elements), state.Size);
        }

        fold.AssertSame();

        // An index of the list can be said from either end.
        int Written(int index) => index < 0 || (index <= model.Count && random.Next(2) == 0) ? ~(model.Count - index) : index;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_a_counter_no_unit_is_lost_or_taken_twice_and_waits_take_turns(int seed)
    {
        var random = new Random(seed);
        var fold = new FoldedState(random);
        var clients = Enumerable.Range(0, 3).Select(_ => Guid.NewGuid()).ToList();
        var line = new List<(Guid Id, Guid Client)>();
        long count = 2;
        for (var step = 0; step < Operations; step++)
        {
            var client = clients[random.Next(clients.Count)];
            switch (random.Next(6))
            {
                case 0:
                    count += 1 + (step % 2);
                    Assert.Equal(count, fold.Apply(new CounterGive(2, 1 + (step % 2)), client));
                    break;
                case 1:
                    var tried = fold.Apply(new CounterTake(2, Guid.NewGuid(), Waits: false), client);
                    Assert.Equal(count > 0 ? true : null, tried);
                    count -= count > 0 ? 1 : 0;
                    break;
                case 2 or 3:
                    var wait = line.Count > 0 && random.Next(2) == 0 ? line[random.Next(line.Count)] : (Id: Guid.NewGuid(), Client: client);
                    if (!line.Contains(wait))
                        line.Add(wait);
                    var turn = line.IndexOf(wait) < count;
                    Assert.Equal(turn ? true : null, fold.Apply(new CounterTake(2, wait.Id, Waits: true), wait.Client));
                    if (turn)
                    {
                        line.Remove(wait);
                        count--;
                    }

                    break;
                case 4 when line.Count > 0:
                    var left = line[random.Next(line.Count)];
                    line.Remove(left);
                    fold.Apply(new CounterLeave(2, left.Id), left.Client);
                    break;
                case 5 when line.Count > 0:
                    var state = fold.State<CounterState>();
                    var silent = state.Line.Waiters[random.Next(2) == 0 ? 0 : state.Line.Waiters.Count - 1];
                    var passes = count > 0 && silent == state.Line.Waiters[0];
                    Assert.Equal(passes, fold.Apply(new CounterPass(2, silent), client));
                    if (passes)
                        line.RemoveAll(one => one.Client == silent.Client);
                    break;
            }

            if (step == 0)
                fold.Apply(new CounterLeave(2, Guid.Empty));
            Assert.Equal(count, fold.State<CounterState>().Count);
            Assert.Equal(line, fold.State<CounterState>().Line.Waiters.Select(waiter => (waiter.Id, waiter.Client)));
        }

        fold.AssertSame();
    }

    private static string? Text(object? removed) => removed is DictionaryItem item ? FoldedState.Text(item.Value) : null;
}
