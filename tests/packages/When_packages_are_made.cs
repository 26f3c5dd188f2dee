using System.Xml.Linq;

namespace Broker.Tests.Packages;

public sealed class When_packages_are_made(PackedLibraries packages) : IClassFixture<PackedLibraries>
{
    private readonly PackedLibraries _packages = packages;

    public static TheoryData<string, string[]> Dependencies => new()
    {
        { "Broker.Contracts", ["Microsoft.Extensions.Logging.Abstractions"] },
        { "Broker.Client", ["Broker.Contracts", "MassTransit", "MassTransit.RabbitMQ", "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Options", "RabbitMQ.Client"] },
        { "Broker.DistributedLock", ["Broker.Client", "DistributedLock.Core"] },
        {
            "Broker.Hosting",
            ["Broker.Client", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Logging"]
        },
    };

    [Theory]
    [MemberData(nameof(Dependencies))]
    public void Each_depends_on_what_it_needs_and_on_no_web_framework(string name, string[] dependencies)
    {
        var (_, metadata) = _packages.Read(name);
        Assert.Equal(dependencies, Under(metadata, "dependency").Select(dependency => dependency.Attribute("id")!.Value).Order(StringComparer.Ordinal));
        Assert.All(
            Under(metadata, "dependency").Where(dependency => dependency.Attribute("id")!.Value.StartsWith("Broker.", StringComparison.Ordinal)),
            dependency => Assert.Equal(_packages.Version, dependency.Attribute("version")!.Value));
        Assert.Empty(Under(metadata, "frameworkReference"));
        Assert.Empty(Under(metadata, "repository"));
    }

    [Theory]
    [InlineData("Broker.Contracts")]
    [InlineData("Broker.Client")]
    [InlineData("Broker.DistributedLock")]
    [InlineData("Broker.Hosting")]
    public void Each_says_what_it_is_and_brings_comments_readme_and_symbols(string name)
    {
        var (files, metadata) = _packages.Read(name);
        foreach (var said in new[] { "description", "readme", "tags", "license", "authors" })
            Assert.NotEmpty(Assert.Single(Under(metadata, said)).Value);
        Assert.Contains("README.md", files);
        Assert.Contains($"lib/net10.0/{name}.dll", files);
        Assert.Contains($"lib/net10.0/{name}.xml", files);
        Assert.True(File.Exists(Path.Combine(_packages.Folder, $"{name}.{_packages.Version}.snupkg")), "the symbols are there");
        Assert.Equal(name == "Broker.Contracts", files.Contains("analyzers/dotnet/cs/Broker.Analyzers.dll"));
    }

    [Theory]
    [InlineData("Broker.Contracts")]
    [InlineData("Broker.Client")]
    [InlineData("Broker.DistributedLock")]
    [InlineData("Broker.Hosting")]
    public void No_path_of_the_building_machine_is_in_an_assembly(string name)
    {
        var text = _packages.ReadText(name, $"lib/net10.0/{name}.dll");
        Assert.Contains($"/{name}.pdb", text, StringComparison.Ordinal);
        Assert.DoesNotContain(PackedLibraries.Root, text, StringComparison.Ordinal);
    }

    private static IEnumerable<XElement> Under(XElement metadata, string name) => metadata.Descendants().Where(element => element.Name.LocalName == name);
}
