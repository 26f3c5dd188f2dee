using System.Runtime.CompilerServices;
using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Integration;

public sealed class When_a_pool_is_used_inside_a_request(SharedFleet shared)
{
    private static readonly AsyncLocal<object?> Request = new();

    [Fact]
    public async Task It_keeps_nothing_of_that_requests_context()
    {
        _ = shared.Pool;
        await using var services = new ServiceCollection().AddBroker(options => options.Url = TestBroker.Require()).BuildServiceProvider();
        var pool = services.GetRequiredService<IJobPool>();
        var request = await UseAsync(pool);
        for (var look = 0; look < 100 && request.IsAlive; look++)
        {
            // What a thread ran last it may hold until it runs something else.
            await Task.Delay(50);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(request.IsAlive);
        Assert.Equal("5/6", await pool.CallAsync(new Pair(5, 6)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> UseAsync(IJobPool pool)
    {
        var request = new object();
        Request.Value = request;
        Assert.Equal("1/2", await pool.CallAsync(new Pair(1, 2)));
        Assert.Equal(["1/2", "3/4"], await pool.MapAsync(Enumerable.Range(0, 2).Select(n => new Pair((2 * n) + 1, (2 * n) + 2))));
        await pool.PublishAsync([new Pair(1, 2)]);
        Request.Value = null;
        return new WeakReference(request);
    }
}
