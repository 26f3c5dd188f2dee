using System.Reflection;
using System.Runtime.CompilerServices;
using PublicApiGenerator;

namespace Broker.Tests.Architecture;

public sealed class When_the_public_API_changes
{
    [Theory]
    [InlineData("Broker.Contracts")]
    [InlineData("Broker.Client")]
    [InlineData("Broker.DistributedLock")]
    [InlineData("Broker.Hosting")]
    public void It_is_a_decision(string assembly)
    {
        // The name of an iterator's state machine counts the members before it: private ones too.
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [], ExcludeAttributes = [typeof(AsyncIteratorStateMachineAttribute).FullName!] };
        var now = Assembly.Load(assembly).GeneratePublicApi(options).ReplaceLineEndings("\n").Trim() + "\n";
        Assert.Contains("public ", now, StringComparison.Ordinal);
        var approved = Path.Combine(Repository.Root, "tests", "architecture", "PublicApi", $"{assembly}.txt");
        if (File.Exists(approved) && File.ReadAllText(approved).ReplaceLineEndings("\n") == now)
            return;
        var received = Path.ChangeExtension(approved, ".received.txt");
        File.WriteAllText(received, now);
        Assert.Fail($"the public API of {assembly} is not the approved one. If the change is wanted: mv {received} {approved}");
    }

    [Fact]
    public void A_user_needs_few_types()
    {
        string[] libraries = ["Broker.Client", "Broker.Hosting"];
        var types = libraries.SelectMany(assembly => Assembly.Load(assembly).GetExportedTypes()).ToLookup(type => type.Namespace!.StartsWith("Broker.Primitives", StringComparison.Ordinal));
        Assert.InRange(types[false].Count(), 10, 27);
        // Of these most programs need one or two.
        Assert.InRange(types[true].Count(), 10, 32);
    }
}
