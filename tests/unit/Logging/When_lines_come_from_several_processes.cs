using Broker.Logging;
using Broker.Logging.Screen;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging;

public sealed class When_lines_come_from_several_processes
{
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(200);

    private readonly ManualClock _clock = new();
    private readonly LineOrder _order;
    private readonly DateTimeOffset _start;

    public When_lines_come_from_several_processes()
    {
        _start = _clock.GetUtcNow();
        _order = new LineOrder(Hold, _clock);
    }

    [Fact]
    public void Lines_of_several_processes_are_shown_in_time_order()
    {
        Pass(30);
        Add(30, "third", "b");
        Add(10, "first", "a");
        Add(20, "second", null);
        Assert.Empty(Taken());
        Pass(200);
        Assert.Equal(["first", "second", "third"], Taken());
    }

    [Fact]
    public void A_line_is_held_only_for_the_hold_time()
    {
        Add(0, "early", "a");
        Pass(150);
        Add(150, "late", "b");
        Pass(49);
        Assert.Empty(Taken());
        Pass(1);
        Assert.Equal(["early"], Taken());
        Assert.Equal(TimeSpan.FromMilliseconds(150), _order.NextAt - _order.Now);
        Pass(150);
        Assert.Equal(["late"], Taken());
        Assert.Null(_order.NextAt);
    }

    [Fact]
    public void Lines_of_equal_time_keep_their_order()
    {
        foreach (var text in new[] { "1", "2", "3", "4", "5" })
            Add(0, text, "a");
        Pass(200);
        Assert.Equal(["1", "2", "3", "4", "5"], Taken());
    }

    [Fact]
    public void A_delayed_line_makes_later_lines_wait_twice_its_delay()
    {
        Pass(400);
        Add(0, "a 1", "a");
        Add(350, "b 1", "b");
        Assert.Empty(Taken());
        Pass(400);
        Assert.Equal(["a 1"], Taken());
        Add(340, "a 2", "a");
        Pass(340 + 920 - 800);
        Assert.Equal(["a 2"], Taken());
        Pass(10);
        Assert.Equal(["b 1"], Taken());
    }

    [Fact]
    public void A_delayed_line_lengthens_the_hold_for_a_limited_time()
    {
        Pass(1000);
        Add(0, "late", "a");
        Pass(10_001);
        Add(11_001, "in time", "a");
        Pass(200);
        Assert.Equal(["late", "in time"], Taken());
    }

    [Fact]
    public void Lines_of_this_process_do_not_lengthen_the_hold()
    {
        Pass(1000);
        Add(0, "held up", null);
        Add(1000, "now", "a");
        Pass(200);
        Assert.Equal(["held up", "now"], Taken());
    }

    [Fact]
    public void Lines_are_held_until_a_new_process_has_sent_one()
    {
        _order.Await("b");
        Add(0, "a 1", "a");
        Pass(4000);
        Assert.Empty(Taken());
        Add(0, "b 1", "b");
        Assert.Equal(["a 1", "b 1"], Taken());
        Add(4000, "a 2", "a");
        Pass(200);
        Assert.Equal(["a 2"], Taken());
    }

    [Fact]
    public void A_new_process_is_waited_for_only_for_a_limited_time_or_until_it_ends()
    {
        _order.Await("b");
        Add(0, "a 1", "a");
        Pass(4999);
        Assert.Empty(Taken());
        Pass(1);
        Assert.Equal(["a 1"], Taken());
        Add(5000, "a 2", "a");
        Pass(200);
        Assert.Equal(["a 2"], Taken());
        _order.Await("c");
        Add(5200, "a 3", "a");
        Pass(200);
        Assert.Empty(Taken());
        _order.Heard("c");
        Assert.Empty(Taken());
        _order.Heard("b");
        Assert.Equal(["a 3"], Taken());
    }

    [Fact]
    public void A_clock_set_back_does_not_delay_lines()
    {
        Add(0, "before", "a");
        _clock.Set(_start.AddHours(-1));
        Pass(200);
        Assert.Equal(["before"], Taken());
    }

    [Fact]
    public void At_the_end_all_lines_are_taken()
    {
        Add(10, "2", "a");
        Add(0, "1", "b");
        Assert.True(_order.TryTake(out var first, inAnyCase: true));
        Assert.True(_order.TryTake(out var second, inAnyCase: true));
        Assert.Equal(("1", "2"), (first.Text, second.Text));
        Assert.False(_order.TryTake(out _, inAnyCase: true));
    }

    private void Add(int milliseconds, string text, string? source) =>
        _order.Add(new ConsoleLine(_start.AddMilliseconds(milliseconds), text), source);

    private void Pass(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private List<string> Taken()
    {
        var taken = new List<string>();
        while (_order.TryTake(out var line))
            taken.Add(line.Text);
        return taken;
    }
}
