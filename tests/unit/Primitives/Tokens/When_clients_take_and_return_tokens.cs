using Broker.Primitives.Tokens;

namespace Broker.Tests.Unit.Primitives.Tokens;

/// <summary>Random interleavings of clients that look, seed, take over, hold, release and die, each step at any distance from the others.</summary>
public sealed class When_clients_take_and_return_tokens
{
    private const int Steps = 3000;

    public static TheoryData<int, int, int> Worlds
    {
        get
        {
            var worlds = new TheoryData<int, int, int>();
            for (var seed = 0; seed < 60; seed++)
                worlds.Add(seed, 1 + (seed % 3), 2 + (seed % 6));
            return worlds;
        }
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void A_permit_has_one_holder_and_a_larger_number_for_each(int seed, int permits, int clients)
    {
        var random = new Random(seed);
        var world = new TokenWorld(random);
        var actors = Actors(world, random, permits, clients);
        var fences = new Dictionary<int, long>();
        var grants = 0;
        for (var step = 0; step < Steps; step++)
        {
            var actor = actors[random.Next(clients)];
            if (random.Next(40) == 0)
                actor.Die();
            else if (actor.Step() is { } token)
            {
                grants++;
                Assert.DoesNotContain(actors, other => other != actor && other.Held is { } held && held.Permit == token.Permit);
                Assert.True(!fences.TryGetValue(token.Permit, out var last) || token.Fence > last, $"permit {token.Permit}: {token.Fence} after {last}");
                fences[token.Permit] = token.Fence;
            }

            if (random.Next(30) == 0)
                world.StoreLate();
        }

        Assert.True(grants > permits * 10, $"{grants} grants");
        AllPermitsAreFree(world, random, permits, actors);
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void One_that_is_broken_has_one_holder_in_its_new_epoch(int seed, int permits, int clients)
    {
        var random = new Random(seed);
        var world = new TokenWorld(random);
        var actors = Actors(world, random, permits, clients);
        var fences = new Dictionary<(long, int), long>();
        for (var step = 0; step < Steps; step++)
        {
            var actor = actors[random.Next(clients)];
            if (random.Next(40) == 0)
                actor.Die();
            else if (actor.Held is null && random.Next(100) == 0)
                actor.Break();
            else if (actor.Step() is { } token)
            {
                // One of the epoch before may not have heard of it yet.
                Assert.DoesNotContain(actors, other => other != actor && other.Held is { } held && held.Permit == token.Permit && held.Epoch == token.Epoch);
                var permit = (token.Epoch, token.Permit);
                Assert.True(!fences.TryGetValue(permit, out var last) || token.Fence > last);
                fences[permit] = token.Fence;
            }

            if (random.Next(30) == 0)
                world.StoreLate();
        }

        foreach (var (earlier, later) in fences.OrderBy(fence => fence.Key).Zip(fences.OrderBy(fence => fence.Key).Skip(1)))
            Assert.True(earlier.Key.Item1 == later.Key.Item1 || earlier.Value < later.Value);
        AllPermitsAreFree(world, random, permits, actors);
    }

    private static List<TokenActor> Actors(TokenWorld world, Random random, int permits, int clients) =>
        [.. Enumerable.Range(0, clients).Select(_ => new TokenActor(world, random, permits))];

    /// <summary>When all have died, every permit is taken by somebody who comes, once.</summary>
    private static void AllPermitsAreFree(TokenWorld world, Random random, int permits, List<TokenActor> actors)
    {
        foreach (var actor in actors)
            actor.Die();
        world.StoreLate();
        var heirs = Actors(world, random, permits, permits);
        for (var step = 0; step < 2000 && (world.Truth is not { Seeded: true } || world.Ready.Any(token => token.Epoch < world.Truth.Epoch) || heirs.Any(heir => heir.Held is null)); step++)
        {
            foreach (var heir in heirs.Where(heir => heir.Held is null))
                heir.Step();
        }

        Assert.Equal(Enumerable.Range(0, permits), heirs.Select(heir => heir.Held!.Value.Permit).Order());
        Assert.All(heirs, heir => Assert.Equal(world.Truth!.Epoch, heir.Held!.Value.Epoch));
        Assert.DoesNotContain(world.Ready, token => token.Epoch == world.Truth!.Epoch);
    }
}
