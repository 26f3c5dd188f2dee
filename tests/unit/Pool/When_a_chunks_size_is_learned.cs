using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_chunks_size_is_learned
{
    [Fact]
    public void It_starts_at_one_item() => Assert.Equal(1, new ChunkSizer(null, null).Next(0, 0));

    [Fact]
    public void A_fixed_size_stays_whatever_is_learned()
    {
        var sizer = new ChunkSizer(7, 10);
        sizer.Learn(7, TimeSpan.FromMinutes(1));
        Assert.Equal(7, sizer.Next(9, 100));
    }

    [Fact]
    public void It_grows_to_at_most_eight_times_what_is_answered()
    {
        var sizer = new ChunkSizer(null, null);
        for (var answered = 1; answered <= 32; answered++)
        {
            sizer.Learn(1, TimeSpan.FromMicroseconds(10));
            Assert.Equal(8 * answered, sizer.Next(32, 4));
        }

        sizer.Learn(8, TimeSpan.FromMicroseconds(80));
        Assert.Equal(8 * 40, sizer.Next(40, 4));
    }

    [Fact]
    public void It_settles_at_fifty_milliseconds_of_work()
    {
        var sizer = new ChunkSizer(null, null);
        for (var step = 0; step < 10; step++)
        {
            var items = sizer.Next(0, 4);
            sizer.Learn(items, items * TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(50, sizer.Next(0, 4));
    }

    [Fact]
    public void Items_that_become_slow_shrink_it()
    {
        var sizer = new ChunkSizer(null, null);
        for (var step = 0; step < 5; step++)
            sizer.Learn(sizer.Next(0, 4), TimeSpan.FromMilliseconds(sizer.Next(0, 4)));
        var before = sizer.Next(0, 4);
        for (var step = 0; step < 10; step++)
            sizer.Learn(1, TimeSpan.FromSeconds(1));
        Assert.True(before > 10);
        Assert.Equal(1, sizer.Next(0, 4));
    }

    [Fact]
    public void It_never_passes_twenty_thousand_items()
    {
        var sizer = new ChunkSizer(null, null);
        for (var step = 0; step < 20; step++)
            sizer.Learn(sizer.Next(0, 4), TimeSpan.Zero);
        Assert.Equal(20_000, sizer.Next(0, 4));
    }

    [Fact]
    public void Towards_the_end_of_a_known_length_what_is_left_is_spread_over_all_slots()
    {
        var sizer = new ChunkSizer(null, 1000);
        for (var step = 0; step < 20; step++)
            sizer.Learn(sizer.Next(0, 0), TimeSpan.Zero);
        Assert.Equal(1000 / 16, sizer.Next(0, 4));
        Assert.Equal(100 / 16, sizer.Next(900, 4));
        Assert.Equal(1, sizer.Next(1000, 4));
    }

    [Fact]
    public void An_answer_without_items_teaches_nothing()
    {
        var sizer = new ChunkSizer(null, null);
        sizer.Learn(0, TimeSpan.FromSeconds(1));
        Assert.Equal(1, sizer.Next(0, 0));
    }
}
