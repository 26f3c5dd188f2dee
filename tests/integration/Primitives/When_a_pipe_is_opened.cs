using System.IO.Pipes;
using Broker.Bus;
using Broker.Primitives;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_pipe_is_opened : TwoProcesses
{
    [Fact]
    public async Task What_one_end_sends_the_other_receives_whole_and_in_order()
    {
        var (here, there) = await OpenAsync();
        await using (here)
        await using (there)
        {
            Assert.False(await there.PollAsync());
            await here.SendAsync("");
            Assert.True(await there.PollAsync(Limit));
            Assert.True(await there.PollAsync());
            Assert.Equal("", await there.ReceiveAsync());
            for (var number = 0; number < 300; number++)
                await here.SendAsync($"{number}");
            await there.SendAsync("back");
            Assert.Equal("back", await here.ReceiveAsync(Limit));
            for (var number = 0; number < 300; number++)
                Assert.Equal($"{number}", await there.ReceiveAsync(Limit));
            await Assert.ThrowsAsync<TimeoutException>(() => there.ReceiveAsync(Soon));
            await Assert.ThrowsAsync<MessageTooLargeException>(() => here.SendAsync(new string('x', 9 * 1024 * 1024)));
        }
    }

    [Fact]
    public async Task Its_end_comes_after_what_was_sent()
    {
        var (here, there) = await OpenAsync();
        await using (there)
        {
            for (var number = 0; number < 200; number++)
                await here.SendAsync($"{number}");
            await here.DisposeAsync();
            var all = new List<string?>();
            await foreach (var item in there.ReadAllAsync())
                all.Add(item);
            Assert.Equal(Enumerable.Range(0, 200).Select(number => $"{number}"), all);
            await Assert.ThrowsAsync<EndOfStreamException>(() => there.ReceiveAsync(Limit));
            await Assert.ThrowsAsync<PrimitiveClosedException>(() => there.SendAsync("late"));
        }
    }

    [Fact]
    public async Task An_end_whose_process_died_is_noticed_after_what_it_had_sent()
    {
        var dying = await BrokerPrimitives.ConnectAsync(Url);
        var opening = dying.Pipe<string>(Name).OpenAsync(timeout: Limit);
        await using var there = await Other.Pipe<string>(Name).OpenAsync(timeout: Limit);
        var here = await opening;
        for (var number = 0; number < 200; number++)
            await here.SendAsync($"{number}");
        // Its connections end, and nothing is said.
        await dying.DisposeAsync();
        for (var number = 0; number < 200; number++)
            Assert.Equal($"{number}", await there.ReceiveAsync(Limit));
        await Assert.ThrowsAsync<EndOfStreamException>(() => there.ReceiveAsync(Limit));
    }

    [Fact]
    public async Task An_end_of_one_direction_refuses_the_other()
    {
        var opening = One.Pipe<int>(Name).OpenAsync(PipeDirection.Out, Limit);
        await using var reader = await Other.Pipe<int>(Name).OpenAsync(PipeDirection.In, Limit);
        await using var writer = await opening;
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.SendAsync(1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.ReceiveAsync());
        await writer.SendAsync(1);
        Assert.Equal(1, await reader.ReceiveAsync(Limit));
    }

    [Fact]
    public async Task Both_ends_may_be_in_one_process_and_a_third_waits_until_one_is_free()
    {
        var opening = One.Pipe<int>(Name).OpenAsync(timeout: Limit);
        await using var there = await One.Pipe<int>(Name).OpenAsync(timeout: Limit);
        var here = await opening;
        await here.SendAsync(5);
        Assert.Equal(5, await there.ReceiveAsync(Limit));
        await Assert.ThrowsAsync<TimeoutException>(() => Other.Pipe<int>(Name).OpenAsync(timeout: Soon));
        await here.DisposeAsync();
        await there.DisposeAsync();
        var again = One.Pipe<int>(Name).OpenAsync(timeout: Limit);
        await using var other = await Other.Pipe<int>(Name).OpenAsync(timeout: Limit);
        await using var first = await again;
    }

    [Fact]
    public async Task Without_another_end_it_times_out() => await Assert.ThrowsAsync<TimeoutException>(() => One.Pipe<int>(Name).OpenAsync(timeout: Soon));

    private async Task<(BrokerPipeEnd<string> Here, BrokerPipeEnd<string> There)> OpenAsync()
    {
        var opening = One.Pipe<string>(Name).OpenAsync(timeout: Limit);
        return (await Other.Pipe<string>(Name).OpenAsync(timeout: Limit), await opening);
    }
}
