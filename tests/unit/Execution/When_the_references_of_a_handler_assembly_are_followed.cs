using Broker.Consumer.Handlers;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Execution;

public sealed class When_the_references_of_a_handler_assembly_are_followed : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Lib 1.0.0.0", "Lib 2.0.0.0")]
    [InlineData("Lib 2.0.0.0", "Lib 2.0.0.0")]
    [InlineData("Lib 3.0.0.0", "Lib 2.0.0.0")]
    public void A_library_beside_the_DLL_is_used_whatever_the_consumer_ships(string theirs, string ours)
    {
        var walk = Walk([theirs], beside: [(theirs, [])], consumer: [ours]);
        Assert.Equal(["Lib"], walk.Own.Keys);
        Assert.Empty(walk.Unresolved);
    }

    [Fact]
    public void A_library_not_beside_the_DLL_is_taken_from_the_consumer() => AssertOurs(Walk(["Lib 1.0.0.0"], consumer: ["Lib 2.0.0.0"]));

    [Theory]
    [InlineData("9.0.0.0")]
    [InlineData("10.0.0.0")]
    public void A_framework_assembly_that_is_not_newer_is_taken_from_the_framework(string version) =>
        AssertOurs(Walk([$"Frame {version}"], beside: [($"Frame {version}", [])], framework: ["Frame 10.0.0.0"]));

    [Fact]
    public void A_newer_framework_assembly_beside_the_DLL_is_used()
    {
        var walk = Walk(["Frame 11.0.0.0"], beside: [("Frame 11.0.0.0", [])], framework: ["Frame 10.0.0.0"]);
        Assert.Equal(["Frame"], walk.Own.Keys);
        Assert.Equal(["Frame"], walk.Replaced);
        Assert.Empty(walk.Unresolved);
    }

    [Fact]
    public void A_framework_assembly_replaced_by_a_package_of_the_consumer_is_not_isolated() =>
        AssertOurs(Walk(["Frame 10.0.0.0"], beside: [("Frame 10.0.0.0", [])], consumer: ["Frame 10.0.0.0"], framework: ["Other 10.0.0.0", "Frame 10.0.0.0"]));

    [Fact]
    public void A_shared_assembly_is_the_consumers_even_if_the_DLL_needs_a_newer_one()
    {
        const string Shared = "Microsoft.Extensions.Logging.Abstractions";
        var walk = Walk([$"{Shared} 11.0.0.0"], beside: [($"{Shared} 11.0.0.0", [])], framework: [$"{Shared} 10.0.0.0"]);
        AssertOurs(walk);
        Assert.Equal([Path.Combine(_folder.Path, "My", "My.dll")], walk.AgainstNewer);
    }

    [Fact]
    public void A_missing_transitive_reference_is_named_with_its_referrer()
    {
        var walk = Walk(["Lib 1.0.0.0"], beside: [("Lib 1.0.0.0", ["Deep 1.0.0.0", "My 1.0.0.0"]), ("Deep 1.0.0.0", ["Gone 4.5.0.0", "Lib 1.0.0.0"])]);
        Assert.StartsWith("Deep.dll needs Gone 4.5.0.0, which is not there: publish the DLL", Assert.Single(walk.Unresolved).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_older_than_needed_is_unresolved()
    {
        var walk = Walk(["Lib 3.0.0.0"], beside: [("Lib 2.0.0.0", [])], consumer: ["Lib 3.0.0.0"]);
        Assert.StartsWith("My.dll needs Lib 3.0.0.0, but only 2.0.0.0 is there", Assert.Single(walk.Unresolved).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_an_assembly_resolves_nothing()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "My"));
        _folder.Write("My/Lib.dll", [1, 2, 3]);
        Assert.Equal("Lib", Assert.Single(Walk(["Lib 1.0.0.0"]).Unresolved).Wanted.Name);
    }

    [Fact]
    public void A_DLL_for_a_newer_runtime_is_reported_as_such()
    {
        var walk = Walk(["System.Runtime 99.0.0.0"], framework: ["System.Runtime 10.0.0.0"]);
        Assert.EndsWith($"build it for net{Environment.Version.ToString(2)}", Assert.Single(walk.Unresolved).ToString(), StringComparison.Ordinal);
    }

    private static void AssertOurs(ReferenceWalk walk)
    {
        Assert.Empty(walk.Own);
        Assert.Empty(walk.Unresolved);
    }

    private ReferenceWalk Walk(string[] references, (string Identity, string[] References)[]? beside = null, string[]? consumer = null, string[]? framework = null)
    {
        var own = Path.Combine(_folder.Path, "My");
        var dll = EmptyAssembly.Write(own, "My 1.0.0.0", references);
        foreach (var (identity, more) in beside ?? [])
            EmptyAssembly.Write(own, identity, more);
        var program = Path.Combine(_folder.Path, "program");
        // As the runtime's list of what it found: a file of the program comes last here, and wins.
        string[] ours = [.. Written("framework", framework), .. Written("program", consumer)];
        return new ReferenceWalk(dll, new DependencyPlaces(name => Path.Combine(own, $"{name.Name}.dll") is var file && File.Exists(file) ? file : null, new HostAssemblies(ours, program)));
    }

    private IEnumerable<string> Written(string folder, string[]? identities) => (identities ?? []).Select(identity => EmptyAssembly.Write(Path.Combine(_folder.Path, folder), identity));
}
